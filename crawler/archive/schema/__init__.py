"""The SQL schema, one module per subject, and its generated reference.

Imports nothing of ours.
"""
