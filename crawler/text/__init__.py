"""Text without markup: tokens, sentences, shingles, numbers, diffs, folding, sanitizing. Pure."""
