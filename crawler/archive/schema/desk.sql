-- The desk: what people mute, star, note and search again.

CREATE TABLE mutes (
  -- A story or topic whose alerts digests leave out for a while. Written by scrapy mute and the browser, deleted when undone.
  kind TEXT NOT NULL, -- story or topic.
  target TEXT NOT NULL, -- stories.id or topics.id.
  muted_at TEXT NOT NULL, -- When it was muted.
  until_at TEXT NOT NULL, -- Alerts created from this time on are reported again.
  PRIMARY KEY (kind, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE annotations (
  -- A star or a note on an article. Written by the browser.
  article_id INTEGER PRIMARY KEY REFERENCES articles(id), -- The article that others were merged into.
  starred INTEGER NOT NULL, -- 1: starred; 0: not.
  note TEXT, -- As typed; null if there is none.
  changed_at TEXT NOT NULL -- When it last changed.
) STRICT;

CREATE TABLE saved_searches (
  -- A search or a filtered list that a person saved. Written by the browser.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Ascending.
  name TEXT NOT NULL UNIQUE, -- As typed.
  path TEXT NOT NULL, -- Its page: /search, /alerts or /stories.
  query TEXT NOT NULL, -- The query string of the page.
  saved_at TEXT NOT NULL -- When it was saved.
) STRICT;
