-- Delivery: recipients of digests, messages, the alerts in them, and schedules.

CREATE TABLE digest_recipients (
  -- Up to when a recipient of a digest was served. Written when a digest is rendered.
  digest_id TEXT NOT NULL, -- Name of the digest's table in digests.toml.
  recipient TEXT NOT NULL, -- A mail address, or "channel:" and the name of an environment variable.
  done_until TEXT NOT NULL, -- End of the last period that was rendered; at first, when the recipient was added.
  token TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))), -- Secret part of the recipient's unsubscribe link.
  unsubscribed_at TEXT, -- When the recipient unsubscribed; null while subscribed.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns: `scrapy archive check` verifies it.
  PRIMARY KEY (digest_id, recipient)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  -- A message: rendered once, stored, then sent until the server accepts it. Written by the digest job.
  id INTEGER PRIMARY KEY, -- Ascending.
  digest_id TEXT NOT NULL, -- Name of the digest's table in digests.toml.
  recipient TEXT NOT NULL, -- As in digest_recipients.
  period TEXT NOT NULL, -- Its end in the digest's time zone, "2026-03-29T07:30"; "once-" and an alert ID if immediate.
  subject TEXT NOT NULL, -- Subject line.
  message_id TEXT NOT NULL UNIQUE, -- Message-ID: the same for each attempt, so that mail programs show one message.
  content BLOB NOT NULL, -- The bytes that are sent, the same for each attempt; emptied 30 days after sending.
  content_sha256 TEXT NOT NULL, -- Of content.
  state TEXT NOT NULL, -- waiting, sent, given_up (see error) or dropped (by hand).
  attempts INTEGER NOT NULL DEFAULT 0, -- Delivery attempts begun.
  next_try_at TEXT, -- Not before this time; null: any time.
  error TEXT, -- One line about the last failed attempt; null if none failed.
  fault TEXT, -- Cause of the error: permanent, temporary or server (see docs/explanation/delivery.md); null like error.
  created_at TEXT NOT NULL, -- When it was rendered.
  sent_at TEXT, -- When the server accepted it; null before.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of the columns that sending does not change: `scrapy archive check` verifies it.
  UNIQUE (digest_id, recipient, period)
) STRICT;
CREATE INDEX outbox_waiting ON outbox(next_try_at) WHERE state = 'waiting';

CREATE TABLE deliveries (
  -- An alert to be delivered to a recipient. Written by the flag job, in the transaction that creates the alert.
  alert_id INTEGER NOT NULL REFERENCES alerts(id),
  digest_id TEXT NOT NULL, -- Name of the digest's table in digests.toml.
  recipient TEXT NOT NULL, -- As in digest_recipients.
  added_at TEXT NOT NULL, -- When the alert was created.
  outbox_id INTEGER REFERENCES outbox(id), -- The message that contains it; null until one is rendered.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns but outbox_id: `scrapy archive check` verifies it.
  PRIMARY KEY (alert_id, digest_id, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_waiting ON deliveries(digest_id, recipient) WHERE outbox_id IS NULL;
CREATE INDEX deliveries_outbox ON deliveries(outbox_id);

CREATE TABLE digest_schedules (
  -- The schedule of a digest at the last run of the digest job. If it changes, periods start again.
  digest_id TEXT PRIMARY KEY, -- Name of the digest's table in digests.toml.
  schedule TEXT NOT NULL -- Local times, weekdays and time zone in one line, or "immediate".
) STRICT, WITHOUT ROWID;
