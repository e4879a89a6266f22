-- Sources, seeds, runs, polls, links, the queue, hosts, robots.txt.

CREATE TABLE sources (
  -- A source of sources.toml, mirrored so that foreign keys can be followed. Written by each crawl and health check.
  id TEXT PRIMARY KEY NOT NULL, -- Name of the source's table in sources.toml.
  name TEXT NOT NULL, -- Display name.
  home TEXT NOT NULL, -- URL of the home page.
  language TEXT, -- ISO 639-1 code; null if the source has no usual language.
  timezone TEXT NOT NULL, -- IANA name of the zone for times without an offset.
  first_seen_at TEXT NOT NULL, -- When a crawl first read it from sources.toml.
  updated_at TEXT NOT NULL, -- When this row last changed.
  retired_at TEXT, -- When it was found to be removed from sources.toml; null while it is configured.
  enabled INTEGER NOT NULL DEFAULT 1, -- 0: enabled = false in sources.toml, so it is not polled.
  tags TEXT NOT NULL DEFAULT '[]', -- JSON list, as in sources.toml.
  paused_until TEXT, -- Day in UTC on which it is polled again, as in sources.toml; null if it is not paused.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;

CREATE TABLE seeds (
  -- A feed, sitemap or listing of a source, with the state of its last poll. Updated by each poll.
  id INTEGER PRIMARY KEY, -- Never changes and is never reused; the same holds for every id of the archive.
  source_id TEXT NOT NULL REFERENCES sources(id),
  kind TEXT NOT NULL, -- feed, sitemap or listing.
  url TEXT NOT NULL, -- As written in sources.toml.
  etag TEXT, -- ETag of the last full response; null if it had none. Saved in the same transaction as its links.
  last_modified TEXT, -- Last-Modified header as sent; null if there was none.
  body_sha256 TEXT, -- SHA-256 of the last full response; null before the first.
  last_full_fetch_at TEXT, -- When the last full response came; when this is old, an unconditional request is due.
  polled_at TEXT, -- When it was last polled, with any result; null before the first poll.
  http_status INTEGER, -- Of the last poll; null if there was no response.
  outcome TEXT, -- Of the last poll, as in polls.outcome.
  reason_code TEXT, -- Why the last poll failed or was refused, as in polls.reason_code; null otherwise.
  error TEXT, -- The same in one line for people; null otherwise.
  failures INTEGER NOT NULL DEFAULT 0, -- Consecutive failed polls.
  next_poll_at TEXT, -- When the next poll is due; null: now.
  moved_to TEXT, -- Target of a permanent redirect; null if there was none.
  retired_at TEXT, -- When it was found to be removed from sources.toml; null while it is configured.
  UNIQUE (source_id, url)
) STRICT;

CREATE TABLE runs (
  -- One start of a command that fetches. Deleted after WIREWATCH_KEEP_RUNS if no poll and no fetch belongs to it.
  id INTEGER PRIMARY KEY, -- Ascending.
  command TEXT NOT NULL, -- As typed: "crawl all".
  started_at TEXT NOT NULL, -- By the clock of this machine.
  finished_at TEXT, -- Null while the run is active, and permanently if it was killed.
  pid INTEGER NOT NULL, -- Process ID.
  exit_status INTEGER -- Null like finished_at.
) STRICT;

CREATE TABLE source_runs (
  -- What one run did for one source. Written when the run has finished with the source, deleted after WIREWATCH_KEEP_RUNS
  -- but for the latest of each source.
  run_id INTEGER NOT NULL REFERENCES runs(id),
  source_id TEXT NOT NULL REFERENCES sources(id),
  started_at TEXT NOT NULL, -- First request.
  finished_at TEXT, -- Null if the run was stopped before the source was finished.
  links INTEGER NOT NULL DEFAULT 0, -- Links found in its seeds, known ones included.
  new INTEGER NOT NULL DEFAULT 0, -- Articles stored for the first time.
  without_text INTEGER NOT NULL DEFAULT 0, -- Of these, articles without their whole text: a teaser, or a title only.
  revised INTEGER NOT NULL DEFAULT 0, -- Articles with a new revision.
  unchanged INTEGER NOT NULL DEFAULT 0, -- Articles fetched without a change.
  blocked INTEGER NOT NULL DEFAULT 0, -- Fetches that returned a bot wall or consent wall.
  failed INTEGER NOT NULL DEFAULT 0, -- Fetches without a readable article.
  refused INTEGER NOT NULL DEFAULT 0, -- Requests not sent: robots.txt, Retry-After, private network.
  requests INTEGER NOT NULL DEFAULT 0, -- Requests sent, robots.txt not counted.
  bytes INTEGER NOT NULL DEFAULT 0, -- Bytes received, after content decoding.
  reasons TEXT, -- JSON object of reason codes and their counts; null if nothing failed or was refused.
  PRIMARY KEY (run_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_runs_source ON source_runs(source_id, run_id);
-- Totals over all crawls of a source, for its metrics.
CREATE INDEX source_runs_sums ON source_runs(source_id, requests, failed, blocked);

CREATE TABLE pruned_source_runs (
  -- Sums of the deleted rows of source_runs, so that the counters of the metrics never go down.
  source_id TEXT PRIMARY KEY NOT NULL REFERENCES sources(id),
  requests INTEGER NOT NULL, -- Like source_runs.requests.
  failures INTEGER NOT NULL -- Of failed and blocked.
) STRICT, WITHOUT ROWID;

CREATE TABLE polls (
  -- Every poll of a seed: the history that poll intervals and coverage are computed from. Never changed; polls that found
  -- no new article are deleted after WIREWATCH_KEEP_POLLS.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Ascending.
  seed_id INTEGER NOT NULL REFERENCES seeds(id),
  run_id INTEGER REFERENCES runs(id), -- Null outside a run.
  at TEXT NOT NULL, -- When the response arrived.
  url TEXT, -- Document reached from the seed: a child sitemap, the next page. Null: the URL of the seed itself.
  outcome TEXT NOT NULL, -- new, known (nothing new in it), not_modified, failed or refused.
  reason_code TEXT, -- Why it failed or was refused, or what is noteworthy about its document; null otherwise.
  http_status INTEGER, -- Null if there was no response.
  items INTEGER NOT NULL DEFAULT 0, -- Links found.
  known INTEGER NOT NULL DEFAULT 0, -- Of these, already known: the overlap proves that nothing was missed.
  entries INTEGER, -- Entries in the document: items and those left out; child sitemaps of an index. Null without a document.
  left_out TEXT, -- JSON object of reason codes and their counts: entries that did not become links. Null if there are none.
  oldest_at TEXT, -- Published time of the oldest link; null if no link had one.
  newest_at TEXT, -- Published time of the newest link; null if no link had one.
  error TEXT, -- One line for people that belongs to reason_code; null otherwise.
  milliseconds INTEGER, -- From the request to the parsed document; null if no request was sent.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX polls_seed ON polls(seed_id, at);

CREATE TABLE links (
  -- An entry of a feed or sitemap, or a link of a listing. Written by the poll that found it, updated by later polls.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Ascending.
  seed_id INTEGER NOT NULL REFERENCES seeds(id),
  source_id TEXT NOT NULL REFERENCES sources(id),
  key TEXT NOT NULL, -- Identity of the URL, see article_urls.key.
  url TEXT NOT NULL, -- Absolute URL as linked.
  guid TEXT, -- Null if the seed gave none; the same holds for all columns below.
  title TEXT, -- Plain text.
  summary TEXT, -- Plain text.
  content_html TEXT, -- Full content as published, if the feed carries it.
  authors TEXT, -- JSON list, as written.
  published_at TEXT, -- As the seed gives it.
  published_offset INTEGER, -- Minutes; null also if no offset was given.
  published_raw TEXT, -- As written, even if it could not be parsed.
  updated_at TEXT, -- As the seed gives it.
  tags TEXT, -- JSON list.
  language TEXT, -- As the seed gives it.
  image TEXT, -- URL.
  position INTEGER NOT NULL, -- Position in the document at the last poll that found it; 0 is the first.
  first_seen_at TEXT NOT NULL, -- At the poll that first found it.
  last_seen_at TEXT NOT NULL, -- At the last poll that found it.
  poll_id INTEGER REFERENCES polls(id), -- The poll that first found it; null if it was added without a poll.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns: `scrapy archive check` verifies it.
  UNIQUE (seed_id, key)
) STRICT;
CREATE INDEX links_key ON links(key);
CREATE INDEX links_source ON links(source_id, first_seen_at);
-- Whether a poll found an article first: such polls are not pruned.
CREATE INDEX links_poll ON links(poll_id) WHERE poll_id IS NOT NULL;

CREATE TABLE queue (
  -- Every discovered URL, until it is stored or dropped for a reason. Added by polls, completed by fetches.
  key TEXT PRIMARY KEY NOT NULL, -- Identity of the URL, see article_urls.key.
  source_id TEXT NOT NULL REFERENCES sources(id),
  link_id INTEGER REFERENCES links(id), -- Null for a URL that was added by hand.
  url TEXT NOT NULL, -- To be fetched.
  state TEXT NOT NULL, -- waiting, done (see article_id) or dropped (see reason).
  attempts INTEGER NOT NULL DEFAULT 0, -- Fetches so far.
  next_try_at TEXT, -- Not before this time; null: any time.
  reason_code TEXT, -- Why it was dropped, or why the last fetch did not succeed; null otherwise.
  reason TEXT, -- The same in one line for people; null otherwise.
  added_at TEXT NOT NULL, -- When it was discovered.
  completed_at TEXT, -- When it became done or dropped; null while it is waiting.
  article_id INTEGER REFERENCES articles(id), -- Null until it is known.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of key, source_id, url and added_at: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX queue_waiting ON queue(source_id, next_try_at) WHERE state = 'waiting';
CREATE INDEX queue_article ON queue(article_id);
CREATE INDEX queue_link ON queue(link_id);

CREATE VIEW unfetched AS
  -- Discovered URLs without an article: waiting, or dropped with the reason.
  SELECT
    queue.url AS url, -- queue.url.
    queue.source_id AS source_id, -- sources.id.
    queue.state AS state, -- waiting or dropped.
    queue.reason_code AS reason_code, -- queue.reason_code.
    queue.reason AS reason, -- queue.reason.
    queue.attempts AS attempts, -- queue.attempts.
    queue.next_try_at AS next_try_at, -- queue.next_try_at.
    queue.added_at AS added_at, -- queue.added_at.
    links.title AS title -- Title in the feed; null if no feed listed it.
  FROM queue LEFT JOIN links ON links.id = queue.link_id
  WHERE queue.state <> 'done';

CREATE TABLE feed_headlines (
  -- Which headline of its pages a source's feed carries where they have two. Counted when an article is first stored.
  source_id TEXT NOT NULL REFERENCES sources(id),
  headline TEXT NOT NULL, -- og (og:title) or h1.
  pages INTEGER NOT NULL, -- Pages with two different headlines on which the title in the feed was this one.
  PRIMARY KEY (source_id, headline)
) STRICT, WITHOUT ROWID;

CREATE TABLE hosts (
  -- A registered domain that sent Retry-After. Written by the crawl.
  domain TEXT PRIMARY KEY NOT NULL, -- Registered domain: "bbc.co.uk".
  not_before TEXT, -- No request before this time; null: no limit.
  reason TEXT, -- "HTTP 429, Retry-After 3600"; null like not_before.
  updated_at TEXT NOT NULL -- When it last sent Retry-After.
) STRICT;

CREATE TABLE robots (
  -- robots.txt as last received. Written by the crawl; deleted after 30 days without use, and if its domain has 20 newer ones.
  origin TEXT PRIMARY KEY NOT NULL, -- "https://example.org", with the port if it is not the default.
  domain TEXT NOT NULL, -- Registered domain of the origin.
  http_status INTEGER, -- Null if there was no response.
  fetched_at TEXT NOT NULL, -- When it was requested.
  body BLOB -- The first 512,000 bytes, compressed with zlib; null if it was empty or there was no response.
) STRICT;
CREATE INDEX robots_domain ON robots(domain, fetched_at);
