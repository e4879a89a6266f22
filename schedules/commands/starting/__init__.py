"""Commands for the first steps, and for the shell."""
