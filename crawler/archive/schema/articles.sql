-- Articles: URL identities, raw pages, revisions, bylines, fetches.

CREATE TABLE articles (
  -- One article, identified by its URL, with the fields of its current version. Written by fetches.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Never changes and is never reused.
  source_id TEXT NOT NULL REFERENCES sources(id),
  title TEXT, -- Of the current version; null if it has none. The same holds for the columns down to words.
  byline TEXT, -- Of the current version: the authors in one line.
  published_at TEXT, -- Of the current version, as the page gives it.
  language TEXT, -- Of the current version: ISO 639-1 code.
  section TEXT, -- Of the current version.
  status TEXT, -- Of the current version: ok, teaser or empty.
  words INTEGER, -- Of the current version: word count of title, lead and text.
  url TEXT NOT NULL, -- URL for readers: the canonical one if it can be trusted.
  key TEXT NOT NULL UNIQUE, -- Identity under which the article was first stored.
  guid TEXT, -- guid of the feed; null if it gave none.
  first_seen_at TEXT NOT NULL, -- When its first page was fetched.
  last_fetched_at TEXT, -- Null while it is known from a feed only.
  latest_revision_id INTEGER REFERENCES revisions(id), -- The current version; null until a text could be extracted.
  revision_count INTEGER NOT NULL DEFAULT 0, -- Number of versions.
  next_check_at TEXT, -- When the next recheck for edits is due; null: no more rechecks.
  fetch_count INTEGER NOT NULL DEFAULT 0, -- Fetches so far.
  gone_at TEXT, -- When the URL first returned 404 or 410; null while it is available.
  etag TEXT, -- ETag of the last full response; null if it had none.
  last_modified TEXT, -- Last-Modified header as sent; null if there was none.
  body_sha256 TEXT, -- SHA-256 of the last full response.
  last_full_fetch_at TEXT, -- When the last full response came.
  merged_into INTEGER REFERENCES articles(id), -- The older article that this one is a duplicate of; null for nearly all.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of source_id, key, url, guid and first_seen_at: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX articles_source ON articles(source_id, first_seen_at);
-- The articles of one source, the latest first.
CREATE INDEX articles_source_published ON articles(source_id, published_at);
CREATE INDEX articles_newest ON articles(first_seen_at);
CREATE INDEX articles_published ON articles(published_at);
CREATE INDEX articles_latest_revision ON articles(latest_revision_id);
-- Articles with a recheck due, of one source or of all.
CREATE INDEX articles_next_check ON articles(source_id, next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX articles_merged ON articles(merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE article_urls (
  -- Every URL form under which an article was seen. All rows with the same key belong to the same article.
  key TEXT NOT NULL, -- Identity of the URL form: host, path and significant parameters; or a guid.
  url TEXT NOT NULL, -- As seen.
  article_id INTEGER NOT NULL REFERENCES articles(id),
  origin TEXT NOT NULL, -- Where it was first seen: link, request, redirect, canonical or guid.
  first_seen_at TEXT NOT NULL, -- When this form was first seen.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns: `scrapy archive check` verifies it.
  PRIMARY KEY (key, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX article_urls_article ON article_urls(article_id);
CREATE INDEX article_urls_url ON article_urls(url);

CREATE TABLE warc_files (
  -- A WARC file under warc/. Written in the transaction that appends to the file.
  id INTEGER PRIMARY KEY, -- Ascending.
  name TEXT NOT NULL UNIQUE, -- In the folder warc/ next to archive.db.
  bytes INTEGER NOT NULL, -- Committed length: bytes beyond it are left over from a crash.
  opened_at TEXT NOT NULL, -- When its first record was written.
  closed_at TEXT, -- Null while records are appended.
  deleted_at TEXT -- When it was deleted because no page was left in it; null while it exists.
) STRICT;

CREATE TABLE pages (
  -- A raw page, kept as evidence: its place in the WARC file and its hash. Written by fetches; pruning
  -- and removals (`scrapy archive prune`, `forget`) change its place.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Ascending.
  source_id TEXT NOT NULL REFERENCES sources(id),
  article_id INTEGER REFERENCES articles(id), -- Null if the page could not be assigned to an article.
  url TEXT NOT NULL, -- As requested.
  final_url TEXT NOT NULL, -- After redirects.
  fetched_at TEXT NOT NULL, -- When the response arrived.
  http_status INTEGER NOT NULL, -- Of the response.
  content_type TEXT, -- Content-Type header; null if there was none.
  sha256 TEXT NOT NULL, -- Of the body, after content decoding.
  bytes INTEGER NOT NULL, -- Length of the body.
  warc_file_id INTEGER REFERENCES warc_files(id), -- Null if it was pruned; the same holds for the next two columns.
  warc_offset INTEGER, -- Offset of the record in bytes.
  warc_length INTEGER, -- Length of the compressed record.
  record_sha256 TEXT NOT NULL, -- Of the compressed record: the bytes from warc_offset, warc_length long.
  rendered INTEGER NOT NULL DEFAULT 0, -- 1: the body is the document after its scripts ran in a browser.
  pruned_at TEXT -- When its record was removed from the WARC file; null while it is kept.
) STRICT;
CREATE INDEX pages_article ON pages(article_id, id);
CREATE INDEX pages_source ON pages(source_id, fetched_at);
CREATE INDEX pages_warc ON pages(warc_file_id, warc_offset);
-- Whether the same bytes are stored already, and whether a recorded page is in the archive.
CREATE INDEX pages_url ON pages(url);

CREATE TABLE revisions (
  -- One version of an article. Written by fetches, never changed, except that `scrapy archive prune` can remove its text.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Ascending in the order of commits, so it can be used as a cursor.
  article_id INTEGER NOT NULL REFERENCES articles(id),
  number INTEGER NOT NULL, -- 1, 2, 3 ... within the article.
  page_id INTEGER REFERENCES pages(id), -- Raw page it was extracted from; null if the text is from the feed.
  link_id INTEGER REFERENCES links(id), -- The feed entry; null if no feed listed it.
  seen_at TEXT NOT NULL, -- When the page was fetched.
  status TEXT NOT NULL, -- ok; teaser: paywalled or truncated; empty: a title without text, such as a gallery.
  reason TEXT, -- Why the status is not ok; null for ok.
  title TEXT, -- Null if the page has none; the same holds for the columns below unless noted.
  lead TEXT, -- Standfirst; not repeated in text.
  text TEXT NOT NULL, -- Paragraphs, separated by empty lines.
  blocks TEXT NOT NULL, -- Kind of each paragraph, space-separated: p, h (subheading), quote, li, pre, entry (live blog).
  byline TEXT, -- Authors in one line; the table bylines has one row for each.
  published_at TEXT, -- As the page gives it.
  published_offset INTEGER, -- Minutes; null also if the page gives no offset.
  published_precision TEXT, -- second, minute or day.
  published_source TEXT, -- Part of the page the time was taken from: json-ld, meta, visible, feed, url ...
  modified_at TEXT, -- As the page gives it.
  modified_offset INTEGER, -- Like published_offset.
  modified_source TEXT, -- Like published_source.
  language TEXT, -- ISO 639-1 code.
  section TEXT, -- As the page names it.
  tags TEXT, -- JSON list.
  image TEXT, -- URL of the lead image.
  canonical_url TEXT, -- As the page claims, trusted or not.
  words INTEGER NOT NULL, -- Word count of title, lead and text, as full-text search counts them.
  fingerprint TEXT NOT NULL, -- Hash of title, lead, byline and text without cosmetics: equal ones are the same version.
  text_sha256 TEXT NOT NULL, -- Of title, lead, byline and text as stored: `scrapy archive check` verifies it.
  field_sources TEXT, -- JSON object: field -> part of the page its value was taken from.
  extractor TEXT NOT NULL, -- Version of the extractor.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns and the rows in bylines: `scrapy archive check` verifies it.
  text_pruned_at TEXT, -- When lead and text were removed by `scrapy archive prune`; their hash stays. Null while they are kept.
  UNIQUE (article_id, number)
) STRICT;
CREATE INDEX revisions_page ON revisions(page_id);
CREATE INDEX revisions_link ON revisions(link_id);
CREATE INDEX revisions_published ON revisions(published_at);
CREATE INDEX revisions_seen ON revisions(seen_at);
-- Recent edits: versions after the first, by time.
CREATE INDEX revisions_edits ON revisions(seen_at) WHERE number > 1;
-- Facets of the table's page in Datasette.
CREATE INDEX revisions_language ON revisions(language);
CREATE INDEX revisions_status ON revisions(status);

CREATE TABLE bylines (
  -- The authors of a revision. Written with it.
  revision_id INTEGER NOT NULL REFERENCES revisions(id),
  position INTEGER NOT NULL, -- 0 is the first.
  name TEXT NOT NULL, -- In its own script, without role, place or "By".
  kind TEXT NOT NULL, -- person, organisation or agency.
  PRIMARY KEY (revision_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX bylines_name ON bylines(name);

CREATE TABLE fetches (
  -- Every fetch of an article, with any result. Written once, never changed; fetches that stored neither a version nor a
  -- page are deleted after WIREWATCH_KEEP_FETCHES.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Ascending.
  run_id INTEGER REFERENCES runs(id), -- Null outside a run.
  source_id TEXT NOT NULL REFERENCES sources(id),
  article_id INTEGER REFERENCES articles(id), -- Null if nothing could be extracted, so that there is no article yet.
  page_id INTEGER REFERENCES pages(id), -- Null if there was no page, or if the same page was stored already.
  revision_id INTEGER REFERENCES revisions(id), -- The revision it created; null if it created none.
  url TEXT NOT NULL, -- As requested.
  at TEXT NOT NULL, -- When the response arrived, or the fetch failed.
  http_status INTEGER, -- Null if there was no response.
  outcome TEXT NOT NULL, -- new, revised, unchanged, not_modified, blocked, empty, failed, refused or gone.
  reason_code TEXT, -- Why, as a machine-readable code; null if the outcome needs none.
  reason TEXT, -- The same in one line for people; null like reason_code.
  bytes INTEGER, -- Length of the body; null if there was none.
  milliseconds INTEGER, -- From the request to the response; null if no request was sent or it was not measured.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX fetches_article ON fetches(article_id, id);
CREATE INDEX fetches_source ON fetches(source_id, at);
CREATE INDEX fetches_run ON fetches(run_id);
CREATE INDEX fetches_page ON fetches(page_id) WHERE page_id IS NOT NULL;
CREATE INDEX fetches_revision ON fetches(revision_id) WHERE revision_id IS NOT NULL;
