"""What is to be told to whom, and the messages that tell it.

As in `schema.py`, what is written here never changes; `docs/archive.md` is made from the comments.
"""

from __future__ import annotations

OUTBOX = """
CREATE TABLE digest_readers (
  -- How far a recipient of a digest was told. Written when a digest is rendered.
  digest_id TEXT NOT NULL, -- Name of the digest's table in digests.toml.
  recipient TEXT NOT NULL, -- A mail address, or channel: and the name of an environment variable.
  done_until TEXT NOT NULL, -- End of the last period that was told; at first, when the recipient was first met.
  PRIMARY KEY (digest_id, recipient)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  -- A message: rendered once, stored, then sent until it was taken. Written by the digest job and the sender.
  id INTEGER PRIMARY KEY, -- Counts up.
  digest_id TEXT NOT NULL, -- Name of the digest's table in digests.toml.
  recipient TEXT NOT NULL, -- As in digest_readers.
  period TEXT NOT NULL, -- Its end by the reader's clock, "2026-03-29T07:30"; once- and the last alert's id for one at once.
  subject TEXT NOT NULL, -- For people.
  message_id TEXT NOT NULL UNIQUE, -- The Message-ID: the same at each attempt, so that mail programs show it once.
  content BLOB NOT NULL, -- The bytes that are sent, the same at each attempt; empty 30 days after they were taken.
  content_sha256 TEXT NOT NULL, -- Of content.
  state TEXT NOT NULL, -- waiting, sent, given_up (error says why) or dropped (by hand).
  attempts INTEGER NOT NULL DEFAULT 0, -- Begun so far.
  next_try_at TEXT, -- Not before; null: any time.
  error TEXT, -- One line, of the last attempt that failed; null where none did.
  made_at TEXT NOT NULL, -- When it was rendered.
  sent_at TEXT, -- When the server took it; null before.
  UNIQUE (digest_id, recipient, period)
) STRICT;
CREATE INDEX outbox_waiting ON outbox(next_try_at) WHERE state = 'waiting';

CREATE TABLE deliveries (
  -- An alert that a recipient is to be told of. Written by the flag job, in the transaction that makes the alert.
  alert_id INTEGER NOT NULL REFERENCES alerts(id),
  digest_id TEXT NOT NULL, -- Name of the digest's table in digests.toml.
  recipient TEXT NOT NULL, -- As in digest_readers.
  added_at TEXT NOT NULL, -- When the alert was made.
  outbox_id INTEGER REFERENCES outbox(id), -- The message that tells it; null while it waits for one.
  PRIMARY KEY (alert_id, digest_id, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_waiting ON deliveries(digest_id, recipient) WHERE outbox_id IS NULL;
CREATE INDEX deliveries_outbox ON deliveries(outbox_id);
"""

TIMETABLES = """
CREATE TABLE digest_timetables (
  -- When a digest goes out, as digests.toml said it when the digest job last looked. Written by the digest job.
  digest_id TEXT PRIMARY KEY, -- Name of the digest's table in digests.toml.
  timetable TEXT NOT NULL -- Local times, weekdays and timezone in one line, or: at once. Where it changes, periods begin anew.
) STRICT, WITHOUT ROWID;
"""
