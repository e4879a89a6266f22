"""Content encodings (gzip, br, zstd) with truncation detection, character sets, and data in scripts."""
