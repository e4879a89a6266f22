"""Find problems of sources: rules over the archive, and field drift after a page layout changed."""
