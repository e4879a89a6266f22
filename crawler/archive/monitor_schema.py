"""What the monitor knows: rhythms, the gap ledger, what is wrong with sources, and its jobs. Added by `monitoring`."""

from __future__ import annotations

RHYTHMS = """
CREATE TABLE rhythms (
  -- When a way brings articles, by the hour of its source's week. Written by each poll that gave a document.
  way_id INTEGER NOT NULL REFERENCES ways(id),
  hour INTEGER NOT NULL, -- 0 is Monday from 00:00 to 01:00 in the source's zone, 167 the last of Sunday.
  arrivals REAL NOT NULL, -- Articles first seen by this way that came in that hour; fades with a half-life of 4 weeks.
  hours REAL NOT NULL, -- For how long that hour was watched; fades alike. arrivals / hours is the pace.
  PRIMARY KEY (way_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE pulses (
  -- How a way does at present. Written by each poll of it.
  way_id INTEGER PRIMARY KEY REFERENCES ways(id),
  document_at TEXT, -- When it last gave a document, or said that there is no other; null before the first.
  items INTEGER NOT NULL DEFAULT 0, -- Links in its last full document.
  newest_at TEXT, -- Published time of the newest link in it; null where none has one.
  gave_new_at TEXT, -- When it last gave a link that it had not given before; null before the first.
  failing_since TEXT, -- When the first of its failed polls in a row was; null while it answers.
  recent_expected REAL NOT NULL DEFAULT 0, -- Articles to be expected lately; fades within hours.
  recent_arrived REAL NOT NULL DEFAULT 0, -- Articles that came lately; fades alike.
  ahead_seconds INTEGER -- How far the server's clock was ahead of ours at the last answer; null where it did not say.
) STRICT;

CREATE TABLE silences (
  -- How near a source is to being called silent. Written by each poll of it that gave a document.
  source_id TEXT PRIMARY KEY NOT NULL REFERENCES sources(id),
  watched_since TEXT, -- Since when its rhythm is learnt.
  alarm REAL NOT NULL DEFAULT 0, -- Evidence that it publishes a tenth of the usual; 0: none.
  level REAL, -- The alarm at which it is told; null while too little is known.
  quiet_since TEXT, -- When the alarm was last 0: since when fewer came than usual.
  last_new_at TEXT, -- When a way last brought an article not known before; null before the first.
  chunk_expected REAL NOT NULL DEFAULT 0, -- Of the running comparison: articles expected.
  chunk_arrived REAL NOT NULL DEFAULT 0, -- And those that came.
  squares REAL NOT NULL DEFAULT 0, -- Sum of squared differences of such comparisons; fades.
  weight REAL NOT NULL DEFAULT 0 -- Sum of what they expected; squares / weight is how unevenly articles come.
) STRICT;
"""

COVERAGE = """
CREATE TABLE coverage (
  -- The gap ledger: for each way, interval after interval without a hole, whether something may have been missed.
  -- Written by each poll that gave a document, in the poll's transaction.
  id INTEGER PRIMARY KEY, -- Counts up.
  source_id TEXT NOT NULL REFERENCES sources(id),
  way_id INTEGER NOT NULL REFERENCES ways(id),
  from_at TEXT NOT NULL, -- Where the interval before it ends.
  until_at TEXT NOT NULL, -- Of a complete interval: the last poll so far.
  state TEXT NOT NULL, -- complete: each poll met what was known; open: possibly missed; repaired; standing: open for good.
  polls INTEGER NOT NULL DEFAULT 1, -- Documents that prove it, or 1.
  poll_id INTEGER REFERENCES polls(id), -- The poll that met nothing known; null for a complete interval.
  expected REAL, -- Articles to be expected in a gap by the way's rhythm; null where complete, or where none is known.
  seen INTEGER, -- Articles that the poll did bring of it; null where complete.
  missed REAL, -- expected less seen, 0 at least: an estimate; null where complete, or where nothing was to be expected by.
  tries INTEGER NOT NULL DEFAULT 0, -- Documents asked for to repair it.
  found INTEGER NOT NULL DEFAULT 0, -- Articles that they brought.
  how TEXT, -- Repaired: from what. Standing: why it could not be. Null otherwise.
  settled_at TEXT -- When it became repaired or standing; null otherwise.
) STRICT;
CREATE INDEX coverage_way ON coverage(way_id, until_at);
CREATE INDEX coverage_source ON coverage(source_id, from_at);
CREATE INDEX coverage_open ON coverage(source_id) WHERE state = 'open';

CREATE VIEW gaps AS
  -- The intervals of `coverage` in which something was possibly missed.
  SELECT
    coverage.id AS id, -- coverage.id.
    coverage.source_id AS source_id, -- sources.id.
    ways.url AS way, -- ways.url.
    coverage.from_at AS from_at, -- The last poll before it.
    coverage.until_at AS until_at, -- The poll that met nothing known.
    coverage.state AS state, -- open, repaired or standing.
    coverage.missed AS missed, -- An estimate, as in coverage.
    coverage.found AS found, -- Articles that repairs brought.
    coverage.how AS how -- As in coverage.
  FROM coverage JOIN ways ON ways.id = coverage.way_id WHERE coverage.state <> 'complete';
"""

PROBLEMS = """
CREATE TABLE problems (
  -- What is wrong with a source, from when it was noticed until it healed. Written by `scrapy health`.
  id INTEGER PRIMARY KEY, -- Counts up.
  source_id TEXT NOT NULL REFERENCES sources(id),
  kind TEXT NOT NULL, -- silent, blocked, unreachable, moved, extraction, drift, stuck or clock.
  what TEXT NOT NULL, -- What of the source: a way's URL, a field, or "" for the whole.
  since TEXT NOT NULL, -- When it began, as far as the archive shows.
  evidence TEXT NOT NULL, -- One line, renewed while it is open.
  advice TEXT NOT NULL, -- What to try.
  opened_at TEXT NOT NULL, -- When it was noticed.
  last_reported_at TEXT, -- When it was last told to somebody; null: not yet.
  reports INTEGER NOT NULL DEFAULT 0, -- How often it was told.
  closed_at TEXT -- When it had healed; null while it is open.
) STRICT;
CREATE UNIQUE INDEX problems_open ON problems(source_id, kind, what) WHERE closed_at IS NULL;
CREATE INDEX problems_closed ON problems(closed_at);
"""

JOBS = """
CREATE TABLE jobs (
  -- What the monitor does, and when next. Written by the monitor.
  name TEXT PRIMARY KEY NOT NULL, -- crawl, flag, digest, outbox, health, check, backup ...
  due_at TEXT NOT NULL, -- When it is to run next.
  last_started_at TEXT, -- Null before the first run; so for all below.
  last_finished_at TEXT, -- Null also while it runs for the first time.
  last_status INTEGER, -- Exit status of the last finished run.
  failures INTEGER NOT NULL DEFAULT 0, -- Failed runs in a row.
  cursor TEXT -- Up to where it had work when it last started; null where it is run by the clock alone.
) STRICT;

CREATE TABLE job_runs (
  -- Each run of a job: what, how late, for how long, how it ended. Written by the monitor; kept for 90 days.
  id INTEGER PRIMARY KEY, -- Counts up.
  name TEXT NOT NULL, -- jobs.name.
  due_at TEXT NOT NULL, -- When it should have started.
  started_at TEXT NOT NULL, -- When it did.
  late_seconds INTEGER NOT NULL, -- The difference.
  finished_at TEXT, -- Null while it runs, and for ever where the monitor was killed.
  seconds REAL, -- How long it took; null as finished_at.
  exit_status INTEGER, -- Null as finished_at; below 0: the signal that ended it.
  about TEXT, -- What it was for: the sources of a crawl; null where the name says all.
  message TEXT -- Its last line on standard error where it failed; null otherwise.
) STRICT;
CREATE INDEX job_runs_name ON job_runs(name, id);
CREATE INDEX job_runs_started ON job_runs(started_at);
"""

MONITORING = RHYTHMS + COVERAGE + PROBLEMS + JOBS
