"""Decide whether two articles report the same event: words, names and figures, their weights and the decision.

Pure; may import crawler.text. Nothing that decides about alerts may import it: events group, they never silence.
"""
