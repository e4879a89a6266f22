"""XML parsing with limits, and plain text from markup."""
