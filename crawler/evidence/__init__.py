"""Merkle trees over what the archive stored, and the verification of proofs without an archive.

Pure. `verify_pack.py` needs Python alone, because each evidence file contains a copy of it.
"""
