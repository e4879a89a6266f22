"""The archive: one SQLite file and the raw pages beside it.

`schema.py` and `migrations.py` say what is in it, `store.py` is the only writer (`writer.py` runs it in a thread),
`queries.py` reads, `warc.py` keeps raw pages. Everything else of Wirewatch meets here and nowhere else.
"""
