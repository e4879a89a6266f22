"""Extraction of pages on the nodes of a Dask cluster, for `--cluster`; the commands stay the only writers of the archive.

Dask is imported only when a cluster is used.
"""
