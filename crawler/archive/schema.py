"""The first release's schema, each column with who writes it and when it is null.

SQLite keeps the comments with the tables, so the archive explains itself (`.schema` in its shell); `docs/archive.md` is
made from them by `describe.py`. What is written here never changes: later changes are migrations (`migrations.py`).

Times are UTC, "2026-11-23T13:00:00Z"; offsets are the publisher's, in minutes; lists are JSON. Ids never change and
are never used twice. One process writes at a time, so a higher revision id was always committed later: it is a cursor.
"""

from __future__ import annotations

SOURCES = """
CREATE TABLE sources (
  -- An outlet: a mirror of sources.toml, so that foreign keys can be followed. Written when a crawl starts.
  id TEXT PRIMARY KEY NOT NULL, -- Name of the outlet's table in sources.toml.
  name TEXT NOT NULL, -- For people.
  home TEXT NOT NULL, -- URL of the home page.
  language TEXT, -- ISO 639-1; null where the outlet has no usual language.
  timezone TEXT NOT NULL, -- IANA name, in which its times without an offset are read.
  first_seen_at TEXT NOT NULL, -- When a crawl first met it in sources.toml.
  updated_at TEXT NOT NULL, -- When this row last changed.
  retired_at TEXT -- When it had gone from sources.toml; null while it is there.
) STRICT;

CREATE TABLE ways (
  -- A feed, sitemap or listing of a source, and what is needed to ask for it again. Written by each poll of it.
  id INTEGER PRIMARY KEY, -- Never changes, never used twice; so for every id here.
  source_id TEXT NOT NULL REFERENCES sources(id),
  kind TEXT NOT NULL, -- feed, sitemap or listing.
  url TEXT NOT NULL, -- As sources.toml has it.
  etag TEXT, -- Validators of the last full response; null where it gave none. Same transaction as its links.
  last_modified TEXT, -- As the server wrote it; null where it gave none.
  body_sha256 TEXT, -- Of the last full response; null before the first.
  full_at TEXT, -- When it last answered with a full body; an unconditional request is due when this is old.
  polled_at TEXT, -- When it was last asked, whatever came; null before the first poll.
  http_status INTEGER, -- Of the last poll; null where no response came.
  outcome TEXT, -- Of the last poll, as in polls.outcome.
  error TEXT, -- One line, why the last poll failed or was refused; null where it did not.
  failures INTEGER NOT NULL DEFAULT 0, -- Failed polls in a row.
  next_poll_at TEXT, -- When it is due; null: now.
  not_before TEXT, -- Retry-After of this URL; null where none was given.
  moved_to TEXT, -- Where a permanent redirect pointed; null where there was none.
  UNIQUE (source_id, url)
) STRICT;
"""

RUNS = """
CREATE TABLE runs (
  -- One start of a command that fetches.
  id INTEGER PRIMARY KEY, -- Counts up.
  command TEXT NOT NULL, -- As typed: "crawl all".
  started_at TEXT NOT NULL, -- By the clock of the machine.
  finished_at TEXT, -- Null while it runs, and for ever when it was killed.
  pid INTEGER NOT NULL, -- Process id, for the message "process 1234 is crawling it".
  exit_status INTEGER -- Null as finished_at.
) STRICT;

CREATE TABLE source_runs (
  -- What one run did for one source. Written when the run is done with the source.
  run_id INTEGER NOT NULL REFERENCES runs(id),
  source_id TEXT NOT NULL REFERENCES sources(id),
  started_at TEXT NOT NULL, -- Its first request.
  finished_at TEXT, -- Null where the run was stopped before the source was done.
  links INTEGER NOT NULL DEFAULT 0, -- Links that the ways gave, known ones too.
  new INTEGER NOT NULL DEFAULT 0, -- Articles stored for the first time.
  revised INTEGER NOT NULL DEFAULT 0, -- Articles with a new revision.
  unchanged INTEGER NOT NULL DEFAULT 0, -- Fetched, and nothing had changed.
  blocked INTEGER NOT NULL DEFAULT 0, -- A bot wall or consent wall in the article's place.
  failed INTEGER NOT NULL DEFAULT 0, -- Fetched or asked for without an article to show for it.
  refused INTEGER NOT NULL DEFAULT 0, -- Not asked for: robots.txt, budget, Retry-After.
  requests INTEGER NOT NULL DEFAULT 0, -- Sent, robots.txt left out.
  bytes INTEGER NOT NULL DEFAULT 0, -- Received, after content decoding.
  reasons TEXT, -- JSON object: reason of a failure or refusal -> how often; null where there was none.
  PRIMARY KEY (run_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_runs_source ON source_runs(source_id, run_id);

CREATE TABLE polls (
  -- Each time a way was asked: the history by which polling adapts and gaps are seen. Written once, never changed.
  id INTEGER PRIMARY KEY, -- Counts up.
  way_id INTEGER NOT NULL REFERENCES ways(id),
  run_id INTEGER REFERENCES runs(id), -- Null outside a run.
  at TEXT NOT NULL, -- When the answer was there.
  url TEXT, -- Of a document that the way led to: a sitemap of its index, its next page. Null: the way's own URL.
  outcome TEXT NOT NULL, -- new, known (nothing new in it), not_modified, failed or refused.
  http_status INTEGER, -- Null where no response came.
  items INTEGER NOT NULL DEFAULT 0, -- Links it gave.
  known INTEGER NOT NULL DEFAULT 0, -- Of these, already known: the overlap, proof that nothing was missed.
  oldest_at TEXT, -- Published time of its oldest link; null where no link had one.
  newest_at TEXT, -- Published time of its newest link; null where no link had one.
  error TEXT, -- One line: why it failed, or what is to be noted of one that did not; null where there is nothing to say.
  milliseconds INTEGER -- Request to parsed; null where it was not asked.
) STRICT;
CREATE INDEX polls_way ON polls(way_id, at);
"""

LINKS = """
CREATE TABLE links (
  -- Everything that a way said of a URL. Written by the poll that saw it; a later poll overwrites what it says anew.
  id INTEGER PRIMARY KEY, -- Counts up.
  way_id INTEGER NOT NULL REFERENCES ways(id),
  source_id TEXT NOT NULL REFERENCES sources(id),
  key TEXT NOT NULL, -- The identity by which the URL is known, see article_urls.key.
  url TEXT NOT NULL, -- Absolute, as linked.
  guid TEXT, -- Null where the way gave none; so for all columns below.
  title TEXT, -- As the way gave it, plain text.
  summary TEXT, -- Plain text.
  content_html TEXT, -- The full content as published, where the feed carries it.
  authors TEXT, -- JSON list, as written.
  published_at TEXT, -- As the way said.
  published_offset INTEGER, -- Null also where no offset was given.
  published_raw TEXT, -- As written, also where it could not be read.
  updated_at TEXT, -- As the way said.
  tags TEXT, -- JSON list.
  language TEXT, -- As the way said.
  image TEXT, -- URL.
  position INTEGER NOT NULL, -- 0 is the first in the document, at the last poll that saw it.
  first_seen_at TEXT NOT NULL, -- At the poll that first gave it.
  last_seen_at TEXT NOT NULL, -- At the last poll that gave it.
  poll_id INTEGER REFERENCES polls(id), -- The poll that first saw it; null where it was handed in without one.
  UNIQUE (way_id, key)
) STRICT;
CREATE INDEX links_key ON links(key);
CREATE INDEX links_source ON links(source_id, first_seen_at);

CREATE TABLE queue (
  -- Every discovered URL, until it is stored or dropped for a named reason. Written by polls, settled by filing.
  key TEXT PRIMARY KEY NOT NULL, -- The identity by which the URL is known, see article_urls.key.
  source_id TEXT NOT NULL REFERENCES sources(id),
  link_id INTEGER REFERENCES links(id), -- Null for a URL that was handed in by a person.
  url TEXT NOT NULL, -- To be fetched.
  state TEXT NOT NULL, -- waiting, done (article_id says as what) or dropped (reason says why).
  attempts INTEGER NOT NULL DEFAULT 0, -- Fetches so far.
  next_try_at TEXT, -- Not before; null: any time.
  reason TEXT, -- Why it was dropped, or why the last attempt did not do; null where there is nothing to say.
  added_at TEXT NOT NULL, -- When it was discovered.
  settled_at TEXT, -- When it became done or dropped; null while it waits.
  article_id INTEGER REFERENCES articles(id) -- Null until it is known.
) STRICT;
CREATE INDEX queue_waiting ON queue(source_id, next_try_at) WHERE state = 'waiting';
CREATE INDEX queue_article ON queue(article_id);
CREATE INDEX queue_link ON queue(link_id);
"""

ARTICLES = """
CREATE TABLE articles (
  -- What one URL identity stands for. Written by filing.
  id INTEGER PRIMARY KEY, -- Never changes, never used twice.
  source_id TEXT NOT NULL REFERENCES sources(id),
  key TEXT NOT NULL UNIQUE, -- The identity under which it was first filed.
  url TEXT NOT NULL, -- The form to show to people: canonical where it can be trusted.
  guid TEXT, -- The feed's guid; null where it gave none.
  first_seen_at TEXT NOT NULL, -- When its first page was fetched.
  last_fetched_at TEXT, -- Null while it is known from a feed alone.
  latest_revision_id INTEGER REFERENCES revisions(id), -- Null where no text could be read yet.
  revision_count INTEGER NOT NULL DEFAULT 0, -- Texts it had so far.
  next_visit_at TEXT, -- When it is looked at again for silent edits; null: no more.
  visits INTEGER NOT NULL DEFAULT 0, -- Fetches so far.
  gone_at TEXT, -- When its URL first answered 404 or 410; null while it answers.
  etag TEXT, -- Validators of the last full response, as in ways.
  last_modified TEXT, -- As etag.
  body_sha256 TEXT, -- Of the last full response.
  full_at TEXT, -- When it last answered with a full body.
  merged_into INTEGER REFERENCES articles(id) -- The older article that this one turned out to be; null for nearly all.
) STRICT;
CREATE INDEX articles_source ON articles(source_id, first_seen_at);
CREATE INDEX articles_latest_revision ON articles(latest_revision_id);
CREATE INDEX articles_due ON articles(next_visit_at) WHERE next_visit_at IS NOT NULL;
CREATE INDEX articles_merged ON articles(merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE article_urls (
  -- Every form of URL under which an article was seen. All rows of one key have one article.
  key TEXT NOT NULL, -- The identity that the form stands for: host, path and the parameters that matter, or a guid.
  url TEXT NOT NULL, -- As seen.
  article_id INTEGER NOT NULL REFERENCES articles(id),
  how TEXT NOT NULL, -- How it was first seen: link, request, redirect, canonical or guid.
  first_seen_at TEXT NOT NULL, -- When this form was first seen.
  PRIMARY KEY (key, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX article_urls_article ON article_urls(article_id);
CREATE INDEX article_urls_url ON article_urls(url);
"""

PAGES = """
CREATE TABLE warc_files (
  -- A file of raw pages under warc/. Written in the transaction that appends to the file.
  id INTEGER PRIMARY KEY, -- Counts up.
  name TEXT NOT NULL UNIQUE, -- In the folder warc/ beside archive.db.
  bytes INTEGER NOT NULL, -- Committed length: what the file holds beyond it is the leftover of a crash.
  opened_at TEXT NOT NULL, -- When its first record was written.
  closed_at TEXT -- Null while it is appended to.
) STRICT;

CREATE TABLE pages (
  -- A raw page, as evidence: where it lies and what it hashes to. Written by filing, never changed.
  id INTEGER PRIMARY KEY, -- Counts up.
  source_id TEXT NOT NULL REFERENCES sources(id),
  article_id INTEGER REFERENCES articles(id), -- Null where the page could not be laid to an article.
  url TEXT NOT NULL, -- As asked for.
  final_url TEXT NOT NULL, -- After redirects.
  fetched_at TEXT NOT NULL, -- When the response was there.
  http_status INTEGER NOT NULL, -- Of the response.
  content_type TEXT, -- As the server said; null where it did not.
  sha256 TEXT NOT NULL, -- Of the body, after content decoding.
  bytes INTEGER NOT NULL, -- Of the body.
  warc_file_id INTEGER NOT NULL REFERENCES warc_files(id),
  warc_offset INTEGER NOT NULL, -- Bytes from the beginning of the file.
  warc_length INTEGER NOT NULL, -- Of the compressed record.
  rendered INTEGER NOT NULL DEFAULT 0 -- 1: the body is the document after its scripts ran.
) STRICT;
CREATE INDEX pages_article ON pages(article_id, id);
CREATE INDEX pages_source ON pages(source_id, fetched_at);
CREATE INDEX pages_warc ON pages(warc_file_id, warc_offset);
"""

REVISIONS = """
CREATE TABLE revisions (
  -- One text that an article had. Written by filing, never changed.
  id INTEGER PRIMARY KEY, -- Counts up in the order of commits: a cursor.
  article_id INTEGER NOT NULL REFERENCES articles(id),
  number INTEGER NOT NULL, -- 1, 2, 3 ... within the article.
  page_id INTEGER REFERENCES pages(id), -- The raw page it was read from; null where the text came from the feed.
  link_id INTEGER REFERENCES links(id), -- What the feed said; null where no feed led here.
  seen_at TEXT NOT NULL, -- When the page was fetched.
  status TEXT NOT NULL, -- ok; teaser: paywalled or cut; empty: a title without a text, as galleries and videos have.
  reason TEXT, -- Why it is not ok; null for ok.
  title TEXT, -- Null where the page gave none; so for all columns below that do not say otherwise.
  lead TEXT, -- The standfirst; not repeated in text.
  text TEXT NOT NULL, -- Paragraphs, an empty line between them.
  blocks TEXT NOT NULL, -- What each paragraph is, space-separated: p, h (subhead), quote, li, pre, entry (live blog).
  byline TEXT, -- The names in one line; bylines has them one by one.
  published_at TEXT, -- As the page said.
  published_offset INTEGER, -- Null also where the page gave no offset.
  published_precision TEXT, -- second, minute or day.
  published_from TEXT, -- The witness that won: json-ld, meta, visible, feed, url ...
  modified_at TEXT, -- As the page said.
  modified_offset INTEGER, -- As published_offset.
  modified_from TEXT, -- As published_from.
  language TEXT, -- ISO 639-1.
  section TEXT, -- As the page names it.
  tags TEXT, -- JSON list.
  image TEXT, -- URL of the lead image.
  canonical_url TEXT, -- As the page claims, trusted or not.
  words INTEGER NOT NULL, -- In title, lead and text, as full-text search counts them.
  fingerprint TEXT NOT NULL, -- Of title, lead, byline and text without cosmetics: what is equal is no new revision.
  text_sha256 TEXT NOT NULL, -- Of title, lead, byline and text as stored: `scrapy archive check` finds decay by it.
  witnesses TEXT, -- JSON object: field -> the witness that won.
  extractor TEXT NOT NULL, -- Version of the reader.
  UNIQUE (article_id, number)
) STRICT;
CREATE INDEX revisions_page ON revisions(page_id);
CREATE INDEX revisions_link ON revisions(link_id);
CREATE INDEX revisions_published ON revisions(published_at);
CREATE INDEX revisions_seen ON revisions(seen_at);

CREATE TABLE bylines (
  -- The names in a revision's byline. Written with it.
  revision_id INTEGER NOT NULL REFERENCES revisions(id),
  position INTEGER NOT NULL, -- 0 is the first.
  name TEXT NOT NULL, -- In its own script, without role, place or "By".
  kind TEXT NOT NULL, -- person, organisation or agency.
  PRIMARY KEY (revision_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX bylines_name ON bylines(name);

CREATE TABLE fetches (
  -- Every attempt to read an article, whatever came of it. Written by filing, never changed.
  id INTEGER PRIMARY KEY, -- Counts up.
  run_id INTEGER REFERENCES runs(id), -- Null outside a run.
  source_id TEXT NOT NULL REFERENCES sources(id),
  article_id INTEGER REFERENCES articles(id), -- Null where nothing could be read, so that it is no article yet.
  page_id INTEGER REFERENCES pages(id), -- Null where no page came, or where it held nothing that was not kept already.
  revision_id INTEGER REFERENCES revisions(id), -- The one it made; null where it made none.
  url TEXT NOT NULL, -- As asked for.
  at TEXT NOT NULL, -- When the answer, or the reason for none, was there.
  http_status INTEGER, -- Null where no response came.
  outcome TEXT NOT NULL, -- new, revised, unchanged, not_modified, blocked, empty, failed, refused or gone.
  reason TEXT, -- One line; null where the outcome says it all.
  bytes INTEGER, -- Of the body; null where none came.
  milliseconds INTEGER -- Request to response; null where it was not asked for or not measured.
) STRICT;
CREATE INDEX fetches_article ON fetches(article_id, id);
CREATE INDEX fetches_source ON fetches(source_id, at);
CREATE INDEX fetches_run ON fetches(run_id);
CREATE INDEX fetches_page ON fetches(page_id) WHERE page_id IS NOT NULL;
CREATE INDEX fetches_revision ON fetches(revision_id) WHERE revision_id IS NOT NULL;
"""

HOSTS = """
CREATE TABLE hosts (
  -- A registered domain that asked us to wait. Written by the crawl when Retry-After comes.
  domain TEXT PRIMARY KEY NOT NULL, -- One owner: "bbc.co.uk".
  not_before TEXT, -- No request before this time; null: none was asked for.
  reason TEXT, -- "HTTP 429, Retry-After 3600"; null as not_before.
  updated_at TEXT NOT NULL -- When it last asked.
) STRICT;

CREATE TABLE robots (
  -- robots.txt as it was last received. Written by the crawl.
  origin TEXT PRIMARY KEY NOT NULL, -- "https://example.org" with its port where it has one.
  http_status INTEGER, -- Null where no response came.
  body BLOB, -- As received; null where none came.
  fetched_at TEXT NOT NULL -- When it was asked for.
) STRICT;
"""

# FTS5 reads the text back from the view when it builds a snippet or checks itself, so the view gives what was indexed:
# for scripts without spaces that is the segmented text, which no SQL function of SQLite's or Datasette's could make.
# Datasette finds the index of a table by looking for content="that table" in its statement: the comment answers it.
SEARCH = """
CREATE TABLE revision_segments (
  -- The words of revisions in scripts written without spaces, set apart for full-text search. Written with the
  -- revision, and only for such scripts: other revisions have no row here.
  revision_id INTEGER PRIMARY KEY REFERENCES revisions(id),
  title TEXT, -- Null as in revisions; so for lead and byline.
  lead TEXT, -- As revisions.lead.
  byline TEXT, -- As revisions.byline.
  text TEXT NOT NULL -- With a zero-width space between the characters.
) STRICT;

CREATE VIEW revisions_search AS
  -- What the full-text index revisions_fts holds of each revision.
  SELECT
    revisions.id AS id, -- revisions.id.
    iif(segments.revision_id IS NULL, revisions.title, segments.title) AS title, -- Segmented where the script needs it.
    iif(segments.revision_id IS NULL, revisions.lead, segments.lead) AS lead, -- As revisions.lead.
    iif(segments.revision_id IS NULL, revisions.byline, segments.byline) AS byline, -- As revisions.byline.
    iif(segments.revision_id IS NULL, revisions.text, segments.text) AS text -- As revisions.text.
  FROM revisions LEFT JOIN revision_segments AS segments ON segments.revision_id = revisions.id;

CREATE VIRTUAL TABLE revisions_fts USING fts5(
  title, lead, byline, text, /* content="revisions" */
  content='revisions_search', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
"""

VIEWS = """
CREATE VIEW articles_latest AS
  -- Each article with its newest text: the place to start reading.
  SELECT
    articles.id AS article_id, -- articles.id.
    revisions.id AS revision_id, -- revisions.id of its newest revision.
    sources.name AS source, -- sources.name.
    articles.source_id AS source_id, -- sources.id.
    revisions.title AS title, -- revisions.title.
    revisions.byline AS byline, -- revisions.byline.
    coalesce(revisions.published_at, articles.first_seen_at) AS published_at, -- Where no time was given, first seen.
    revisions.modified_at AS modified_at, -- revisions.modified_at.
    articles.revision_count AS revision_count, -- How many texts it had.
    revisions.status AS status, -- ok, teaser or empty.
    revisions.language AS language, -- revisions.language.
    revisions.section AS section, -- revisions.section.
    revisions.words AS words, -- revisions.words.
    articles.url AS url, -- articles.url.
    revisions.lead AS lead, -- revisions.lead.
    revisions.text AS text, -- revisions.text.
    revisions.page_id AS page_id -- pages.id of its raw page; null where the text came from the feed.
  FROM articles
  JOIN revisions ON revisions.id = articles.latest_revision_id
  JOIN sources ON sources.id = articles.source_id
  WHERE articles.merged_into IS NULL;

CREATE VIEW edits AS
  -- Revisions after the first: what was changed, next to what it said before. A page read again by a better reader
  -- (`scrapy reextract`) is no edit and is left out.
  SELECT
    revisions.id AS revision_id, -- revisions.id.
    revisions.article_id AS article_id, -- articles.id.
    articles.source_id AS source_id, -- sources.id.
    revisions.number AS number, -- revisions.number.
    revisions.seen_at AS seen_at, -- When the page was fetched.
    before.title AS title_before, -- Of the revision before.
    revisions.title AS title, -- revisions.title.
    before.words AS words_before, -- Of the revision before.
    revisions.words AS words, -- revisions.words.
    revisions.modified_at AS modified_at, -- As the page says; null where the edit was silent.
    before.id AS previous_revision_id, -- revisions.id of the text before.
    articles.url AS url -- articles.url.
  FROM revisions
  JOIN revisions AS before ON before.article_id = revisions.article_id AND before.number = revisions.number - 1
  JOIN articles ON articles.id = revisions.article_id
  WHERE revisions.page_id IS NULL OR revisions.page_id IS NOT before.page_id;

CREATE VIEW unread AS
  -- Discovered URLs without an article: still waiting, or dropped and why.
  SELECT
    queue.url AS url, -- queue.url.
    queue.source_id AS source_id, -- sources.id.
    queue.state AS state, -- waiting or dropped.
    queue.reason AS reason, -- queue.reason.
    queue.attempts AS attempts, -- queue.attempts.
    queue.next_try_at AS next_try_at, -- queue.next_try_at.
    queue.added_at AS added_at, -- queue.added_at.
    links.title AS title -- What the feed called it; null where no feed led here.
  FROM queue LEFT JOIN links ON links.id = queue.link_id
  WHERE queue.state <> 'done';
"""

FIRST_RELEASE = SOURCES + RUNS + LINKS + ARTICLES + PAGES + REVISIONS + HOSTS + SEARCH + VIEWS
