-- Deletion: tombstones of removed articles, and the changes of WARC files that are not finished yet.

CREATE TABLE forgotten (
  -- An article that was removed with `scrapy archive forget`. Crawls and replays do not store it again. The hashes of its
  -- rows are in tombstones.
  id INTEGER PRIMARY KEY, -- Ascending.
  source_id TEXT NOT NULL REFERENCES sources(id),
  article_id INTEGER, -- Its articles.id, which is not used again; null if the URL was known but not stored.
  forgotten_at TEXT NOT NULL, -- When its rows were deleted.
  reason TEXT, -- As given with --reason; null if none was given.
  finished_at TEXT -- When nothing of it was left in the files; null: `scrapy archive forget` without a URL finishes it.
) STRICT;

CREATE TABLE forgotten_keys (
  -- The URL forms of removed articles, as hashes. Polls and fetches skip URLs whose key has a row here.
  key_sha256 TEXT PRIMARY KEY NOT NULL, -- SHA-256 of the key, see article_urls.key.
  forgotten_id INTEGER NOT NULL REFERENCES forgotten(id)
) STRICT, WITHOUT ROWID;
CREATE INDEX forgotten_keys_article ON forgotten_keys(forgotten_id);

CREATE TABLE warc_erasures (
  -- Records to be removed from WARC files. Deleted in the transaction that replaces the file by one without them.
  warc_file_id INTEGER NOT NULL REFERENCES warc_files(id),
  warc_offset INTEGER NOT NULL, -- Offset of the record in bytes.
  warc_length INTEGER NOT NULL, -- Length of the compressed record.
  PRIMARY KEY (warc_file_id, warc_offset)
) STRICT, WITHOUT ROWID;

CREATE TABLE warc_leftovers (
  -- Replaced WARC files to be deleted. Written in the transaction that replaces the file; deleted after the file.
  name TEXT PRIMARY KEY NOT NULL -- In the folder warc/.
) STRICT, WITHOUT ROWID;
