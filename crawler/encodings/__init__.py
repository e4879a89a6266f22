"""Content encodings (gzip, br, zstd) with truncation detection, and character sets.

Imports nothing of ours.
"""
