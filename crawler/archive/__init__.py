"""The archive: one SQLite file, and the WARC files with the raw pages next to it.

`schema` and `db` define and open it, `storage` writes it; the other packages have one subject each. Processes exchange
data through the archive only.
"""
