"""Decide whether two articles tell the same report: similarity, contradictions, MinHash sketches, new sentences.

Pure; may import crawler.text.
"""
