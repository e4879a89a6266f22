"""Daily Merkle roots over revisions, raw pages and alerts: record, prove, verify."""
