"""Claims of figures in a sentence: how many of what, what happened to them, and who said so.

Pure, apart from the cached word forms of the vocabularies in `words/`.
"""
