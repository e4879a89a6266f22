"""Table cells, SVG charts, template filters, comparisons and SQL functions used by several pages."""
