"""Parse sitemaps, sitemap indexes and news sitemaps into links."""
