"""Parse RSS, Atom, RDF and JSON feeds into links."""
