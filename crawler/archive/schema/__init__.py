"""The SQL schema, one file per subject, and its generated reference.

Imports nothing of ours.
"""
