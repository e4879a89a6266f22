-- Evidence: daily Merkle roots, and what was removed on purpose.

CREATE TABLE daily_roots (
  -- The Merkle root over the revisions, raw pages and alerts stored since the root before. Written once a day, never changed.
  day TEXT PRIMARY KEY NOT NULL, -- Last day (UTC) that it covers: "2026-11-29".
  root TEXT NOT NULL, -- 64 hexadecimal digits; printed at the foot of digests. See docs/reference/evidence.md.
  previous TEXT NOT NULL, -- root of the row before, which is contained in root; 64 zeros in the first row.
  last_revision_id INTEGER NOT NULL, -- Highest revisions.id that it covers; the row before has the lower limit.
  last_page_id INTEGER NOT NULL, -- The same for pages.id.
  last_alert_id INTEGER NOT NULL, -- The same for alerts.id.
  revisions INTEGER NOT NULL, -- Number of revisions that it covers.
  pages INTEGER NOT NULL, -- Number of raw pages that it covers.
  alerts INTEGER NOT NULL, -- Number of alerts that it covers.
  created_at TEXT NOT NULL -- When it was computed.
) STRICT, WITHOUT ROWID;

CREATE TABLE root_timestamps (
  -- The replies of time-stamping services for daily roots. Written when a service replies, never changed.
  day TEXT NOT NULL REFERENCES daily_roots (day), -- The root.
  kind TEXT NOT NULL, -- rfc3161 (of WIREWATCH_TSA_URL) or opentimestamps (of WIREWATCH_OTS_CALENDARS).
  host TEXT NOT NULL, -- Host of the service, with its port.
  content BLOB NOT NULL, -- RFC 3161: TimeStampResp in DER; OpenTimestamps: the serialized timestamp. Both for the line of the root.
  received_at TEXT NOT NULL, -- When it was received.
  PRIMARY KEY (day, kind, host)
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
  -- A revision, raw page or alert that was removed on purpose. Written in the transaction that removes it.
  kind TEXT NOT NULL, -- revision, page or alert.
  row_id INTEGER NOT NULL, -- Its ID, which is never used again.
  leaf_sha256 TEXT NOT NULL, -- Hash of its leaf, so that the root of its day can still be verified.
  removed_at TEXT NOT NULL, -- When it was removed.
  reason TEXT NOT NULL, -- Why, in one line for people.
  PRIMARY KEY (kind, row_id)
) STRICT, WITHOUT ROWID;
