"""SQLite connections, transactions and value conversion, independent of the schema."""
