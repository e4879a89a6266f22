"""Decide whether two articles report the same event: words, names and figures, their weights and the decision.

Pure. Nothing that decides about alerts may import it: events group, they never silence.
"""
