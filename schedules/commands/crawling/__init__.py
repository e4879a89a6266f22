"""Commands that fetch and extract pages, and that show how the sources do."""
