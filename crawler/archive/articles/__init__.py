"""Record fetches as articles, revisions and pages; resolve URL identity."""
