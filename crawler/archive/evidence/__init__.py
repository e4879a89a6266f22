"""Daily Merkle roots over revisions, raw pages and alerts: record, prove, verify.

May import storage, db and crawler.evidence.
"""
