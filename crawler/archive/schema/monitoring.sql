-- Monitoring: publication rates, seed activity, silence detection, coverage, problems, jobs.

CREATE TABLE publication_rates (
  -- How many articles a seed publishes in each hour of the week. Updated by each poll that returned a document.
  seed_id INTEGER NOT NULL REFERENCES seeds(id),
  hour INTEGER NOT NULL, -- 0 is Monday 00:00 to 01:00 in the source's time zone, 167 the last hour of Sunday.
  arrivals REAL NOT NULL, -- Articles that this seed listed first in that hour; decays with a half-life of 4 weeks.
  hours REAL NOT NULL, -- Hours observed; decays likewise. arrivals / hours is the publication rate.
  PRIMARY KEY (seed_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE seed_activity (
  -- The current activity of a seed. Updated by each poll.
  seed_id INTEGER PRIMARY KEY REFERENCES seeds(id),
  document_at TEXT, -- When it last returned a document or "not modified"; null before the first.
  items INTEGER NOT NULL DEFAULT 0, -- Links in its last full document.
  newest_at TEXT, -- Published time of the newest link in it; null if none has one.
  gave_new_at TEXT, -- When it last listed a link that it had not listed before; null before the first.
  failing_since TEXT, -- When the first of the consecutive failed polls was; null while it works.
  recent_expected REAL NOT NULL DEFAULT 0, -- Articles expected recently; decays within hours.
  recent_arrived REAL NOT NULL DEFAULT 0, -- Articles that arrived recently; decays likewise.
  ahead_seconds INTEGER -- How far the server's clock was ahead at the last response; null if it sent no Date.
) STRICT;

CREATE TABLE silences (
  -- Silence detection: how close a source is to being reported as silent. Updated by each poll that returned a document.
  source_id TEXT PRIMARY KEY NOT NULL REFERENCES sources(id),
  watched_since TEXT, -- Since when its publication rate is measured.
  alarm REAL NOT NULL DEFAULT 0, -- Evidence that it publishes a tenth of the usual rate; 0: none.
  level REAL, -- Alarm level at which it is reported; null while there is too little data.
  quiet_since TEXT, -- When the alarm was last 0.
  last_new_at TEXT, -- When one of its seeds last listed an unknown article; null before the first.
  chunk_expected REAL NOT NULL DEFAULT 0, -- Current comparison: articles expected.
  chunk_arrived REAL NOT NULL DEFAULT 0, -- Current comparison: articles arrived.
  squares REAL NOT NULL DEFAULT 0, -- Sum of the squared differences of past comparisons; decays.
  weight REAL NOT NULL DEFAULT 0 -- Sum of the expected articles of past comparisons; squares / weight is the dispersion.
) STRICT;

CREATE TABLE coverage (
  -- For each seed, consecutive intervals without a hole, and whether something may have been missed in them.
  -- Written by each poll that returned a document, in the transaction of the poll.
  id INTEGER PRIMARY KEY, -- Ascending.
  source_id TEXT NOT NULL REFERENCES sources(id),
  seed_id INTEGER NOT NULL REFERENCES seeds(id),
  from_at TEXT NOT NULL, -- End of the interval before.
  until_at TEXT NOT NULL, -- For a complete interval: the last poll so far.
  state TEXT NOT NULL, -- complete: polls overlapped; open: articles possibly missed; repaired; unresolved: given up.
  polls INTEGER NOT NULL DEFAULT 1, -- Documents that prove it; 1 for a gap.
  poll_id INTEGER REFERENCES polls(id), -- The poll without overlap; null for a complete interval, or if the poll was pruned.
  expected REAL, -- Articles expected in a gap at the seed's publication rate; null if complete or unknown.
  seen INTEGER, -- Articles of the gap that the poll did list; null if complete.
  missed REAL, -- Estimated missed articles: expected minus seen, at least 0; null if complete or unknown.
  repair_attempts INTEGER NOT NULL DEFAULT 0, -- Documents requested to repair it.
  found INTEGER NOT NULL DEFAULT 0, -- Articles found by repairs.
  resolution TEXT, -- repaired: from which document; unresolved: why. Null otherwise.
  resolved_at TEXT, -- When it became repaired or unresolved; null otherwise.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns but poll_id: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX coverage_seed ON coverage(seed_id, until_at);
CREATE INDEX coverage_source ON coverage(source_id, from_at);
CREATE INDEX coverage_poll ON coverage(poll_id) WHERE poll_id IS NOT NULL;
CREATE INDEX coverage_open ON coverage(source_id) WHERE state = 'open';

CREATE VIEW gaps AS
  -- The intervals of `coverage` in which articles were possibly missed.
  SELECT
    coverage.id AS id, -- coverage.id.
    coverage.source_id AS source_id, -- sources.id.
    seeds.url AS seed, -- seeds.url.
    coverage.from_at AS from_at, -- The last poll before the gap.
    coverage.until_at AS until_at, -- The poll without overlap.
    coverage.state AS state, -- open, repaired or unresolved.
    coverage.missed AS missed, -- Estimated missed articles.
    coverage.found AS found, -- Articles found by repairs.
    coverage.resolution AS resolution -- Like coverage.resolution.
  FROM coverage JOIN seeds ON seeds.id = coverage.seed_id WHERE coverage.state <> 'complete';

CREATE TABLE problems (
  -- A problem of a source, from detection to resolution. Written by `scrapy health`.
  id INTEGER PRIMARY KEY, -- Ascending.
  source_id TEXT NOT NULL REFERENCES sources(id),
  kind TEXT NOT NULL, -- silent, blocked, unreachable, moved, extraction, drift, stuck or clock.
  what TEXT NOT NULL, -- The affected part: URL of a seed, a field, or "" for the whole source.
  since TEXT NOT NULL, -- When it began, as far as the archive shows.
  evidence TEXT NOT NULL, -- One line, updated while the problem is open.
  advice TEXT NOT NULL, -- What to try.
  opened_at TEXT NOT NULL, -- When it was detected.
  last_reported_at TEXT, -- When it was last reported; null: not yet.
  reports INTEGER NOT NULL DEFAULT 0, -- How often it was reported.
  resolved_at TEXT, -- When it was resolved; null while it is open.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;
CREATE UNIQUE INDEX problems_open ON problems(source_id, kind, what) WHERE resolved_at IS NULL;
CREATE INDEX problems_resolved ON problems(resolved_at);

CREATE TABLE jobs (
  -- The jobs of the monitor and when each is due next. Written by the monitor.
  name TEXT PRIMARY KEY NOT NULL, -- crawl, flag, digest, outbox, health, check, backup ...
  due_at TEXT NOT NULL, -- When the next run is due.
  last_started_at TEXT, -- Null before the first run; the same holds for the columns below.
  last_finished_at TEXT, -- Null also during the first run.
  last_status INTEGER, -- Exit status of the last finished run.
  failures INTEGER NOT NULL DEFAULT 0, -- Consecutive failed runs.
  cursor TEXT -- Newest input at the start of the last run; null for jobs that run by time only.
) STRICT;

CREATE TABLE job_runs (
  -- Each run of a job. Written by the monitor, kept for WIREWATCH_KEEP_JOB_RUNS.
  id INTEGER PRIMARY KEY, -- Ascending.
  name TEXT NOT NULL, -- jobs.name.
  due_at TEXT NOT NULL, -- When it was due.
  started_at TEXT NOT NULL, -- When it started.
  late_seconds INTEGER NOT NULL, -- Difference of the two.
  finished_at TEXT, -- Null while it runs, and permanently if the monitor was killed.
  seconds REAL, -- Duration; null like finished_at.
  exit_status INTEGER, -- Null like finished_at; below 0: number of the signal that ended it.
  about TEXT, -- What it was for, such as the sources of a crawl; null if the name says it.
  message TEXT -- Last line on standard error if it failed; null otherwise.
) STRICT;
CREATE INDEX job_runs_name ON job_runs(name, id);
CREATE INDEX job_runs_started ON job_runs(started_at);

CREATE TABLE checkpoints (
  -- By which a job sees quickly that it has nothing to do, or what is left. Written by each job that ended without errors.
  job TEXT PRIMARY KEY NOT NULL, -- crawl, flag, digest or check.
  files TEXT NOT NULL, -- SHA-256 of the configuration files that it read; if they change, the job runs.
  state TEXT NOT NULL, -- JSON object: the seeds of all polled sources (crawl), the next message (digest), the rows read (check).
  saved_at TEXT NOT NULL -- When the job ended.
) STRICT;
