"""The SQL schema, one file per subject, and its generated reference."""
