"""XML parsing with limits, and plain text from markup.

May import crawler only.
"""
