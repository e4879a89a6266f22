"""Read a TOML file: its syntax, the validation of its tables and keys, and the line of each mistake."""
