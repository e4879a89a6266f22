-- Merged archives: which archives were brought into this one, and which row became which.

CREATE TABLE merged_archives (
  -- Another archive whose rows were copied into this one by `scrapy archive merge`.
  id INTEGER PRIMARY KEY, -- Ascending.
  uuid TEXT NOT NULL UNIQUE, -- Identity of the other archive; its copies and backups have the same.
  path TEXT, -- Its data folder at the last merge; null in a public copy.
  first_merged_at TEXT NOT NULL, -- When a merge of it first began.
  last_merged_at TEXT NOT NULL -- When a merge of it last began.
) STRICT;

CREATE TABLE merged_rows (
  -- A row of another archive and the row here that holds the same. Written in the transaction that copies the row.
  archive_id INTEGER NOT NULL REFERENCES merged_archives(id),
  kind TEXT NOT NULL, -- Table, such as seeds, articles, revisions, alerts, coverage, problems or saved_searches.
  other_id INTEGER NOT NULL, -- ID in the other archive.
  id INTEGER NOT NULL, -- ID in this archive.
  PRIMARY KEY (archive_id, kind, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_rows_here ON merged_rows(kind, id);
