"""Find the feeds, sitemaps and listings of an outlet from its home page."""
