"""Decide whether two articles are the same report: similarity, contradictions, MinHash sketches, new sentences. Pure."""
