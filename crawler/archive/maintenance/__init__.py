"""Check, back up, export and redact archives; list pages for re-extraction.

May import every other archive package.
"""
