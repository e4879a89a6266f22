"""Parse RSS, Atom, RDF and JSON feeds into links.

May import spiders.markup and crawler.
"""
