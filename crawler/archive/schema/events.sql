-- Events: which stories report the same happening, and the index that finds them.

CREATE TABLE events (
  -- One happening that several stories report in other words. Created when a second story is assigned to it.
  id INTEGER PRIMARY KEY, -- Never changes and is never reused.
  first_story_id INTEGER NOT NULL REFERENCES stories(id), -- The story that was stored first; the next one if it left.
  story_count INTEGER NOT NULL, -- Stories in it; 0 if it was merged, see merged_into.
  created_at TEXT NOT NULL, -- When it was created.
  latest_at TEXT NOT NULL, -- When the latest story joined it.
  earliest_published_at TEXT NOT NULL, -- Of its stories; first seen, if the page gives no time.
  latest_published_at TEXT NOT NULL, -- Likewise; a story joins by its text only within 72 hours of both.
  merged_into INTEGER REFERENCES events(id), -- The event its last story moved to; null for nearly all.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX events_shared ON events(latest_at) WHERE story_count > 1;
CREATE INDEX events_merged ON events(merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE event_stories (
  -- The event of a story. A story that is in none stands alone. Assigned when the story's first article is stored.
  story_id INTEGER PRIMARY KEY REFERENCES stories(id),
  event_id INTEGER NOT NULL REFERENCES events(id),
  resembles INTEGER REFERENCES stories(id), -- The most similar story; null for the first, after a merge and for manual decisions.
  similarity REAL, -- With that story at that time, 0 to 1; null like resembles.
  shared TEXT, -- JSON list of the names, figures and words in common, the most important first; null like resembles.
  reason_code TEXT NOT NULL, -- first, same_language, across_languages (by names and figures), merged (its event was) or manual.
  why TEXT, -- One line; null for the first.
  joined_at TEXT NOT NULL, -- When it joined this event.
  decided_by TEXT NOT NULL, -- text, or manual (scrapy events --split, --join), which nothing changes automatically.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX event_stories_event ON event_stories(event_id);

CREATE TABLE event_features (
  -- Weighted names, figures and words of an article that created its story. Written with the article's version.
  article_id INTEGER PRIMARY KEY REFERENCES articles(id),
  published_at TEXT NOT NULL, -- Of the article when these were written; when it was first seen, if the page gave no time.
  language TEXT, -- Of that version; null if unknown.
  features BLOB NOT NULL -- Packed as described in crawler/events/similarity.py.
) STRICT;

CREATE TABLE event_keys (
  -- Inverted index of the rarest terms of event_features. Written with them.
  period INTEGER NOT NULL, -- day / 16. First, so that a crawl reads few pages whatever the size of the archive.
  key INTEGER NOT NULL, -- Hash of a name, figure or word.
  day INTEGER NOT NULL, -- Days from 1970-01-01 to event_features.published_at.
  article_id INTEGER NOT NULL, -- Of event_features; no foreign key, because checking it would read all keys.
  PRIMARY KEY (period, key, day, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_term_counts (
  -- In how many articles terms occur, from which their rarity follows. One row.
  id INTEGER PRIMARY KEY CHECK (id = 1), -- 1.
  articles INTEGER NOT NULL, -- Counted when they are first indexed; halved with the counters when these are full.
  counters BLOB NOT NULL -- 65,536 numbers of 16 bits, little-endian; terms share one by the upper 16 bits of their hash.
) STRICT;

CREATE VIEW event_list AS
  -- Events of several stories, with the title of the first: SELECT * FROM event_list ORDER BY latest_at DESC.
  SELECT
    events.id AS event_id, -- events.id.
    articles.title AS title, -- articles.title of the report that was published first.
    sources.name AS first_source, -- sources.name of that article.
    events.story_count AS story_count, -- Stories in it.
    (SELECT sum(s.article_count)
      FROM event_stories e JOIN stories s ON (s.id = e.story_id)
      WHERE e.event_id = events.id) AS article_count, -- Articles of these stories.
    (SELECT count(DISTINCT a.source_id)
      FROM event_stories e JOIN story_articles m ON (m.story_id = e.story_id) JOIN articles a ON (a.id = m.article_id)
      WHERE e.event_id = events.id) AS sources, -- Number of outlets.
    (SELECT group_concat(DISTINCT a.language)
      FROM event_stories e JOIN stories s ON (s.id = e.story_id) JOIN articles a ON (a.id = s.first_article_id)
      WHERE e.event_id = events.id) AS languages, -- Of its stories, separated by commas.
    events.earliest_published_at AS earliest_published_at, -- events.earliest_published_at.
    events.latest_published_at AS latest_published_at, -- events.latest_published_at.
    events.latest_at AS latest_at -- When the latest story joined it.
  FROM events
  JOIN articles ON articles.id = (
    SELECT a.id
    FROM event_stories e JOIN stories s ON (s.id = e.story_id) JOIN articles a ON (a.id = s.first_article_id)
    WHERE e.event_id = events.id ORDER BY coalesce(a.published_at, a.first_seen_at), a.id LIMIT 1)
  JOIN sources ON sources.id = articles.source_id
  WHERE events.story_count > 1;

CREATE VIEW event_reports AS
  -- The first article of each story of an event: SELECT * FROM event_reports WHERE event_id = 17 ORDER BY published_at.
  SELECT
    event_stories.event_id AS event_id, -- events.id.
    event_stories.story_id AS story_id, -- stories.id.
    articles.id AS article_id, -- articles.id.
    articles.source_id AS source_id, -- sources.id.
    sources.name AS source, -- sources.name.
    articles.title AS title, -- articles.title.
    articles.language AS language, -- articles.language.
    coalesce(articles.published_at, articles.first_seen_at) AS published_at, -- First seen, if the page gives no time.
    stories.article_count AS article_count, -- Articles of the story.
    event_stories.similarity AS similarity, -- Like event_stories.similarity.
    event_stories.why AS why, -- Like event_stories.why.
    event_stories.reason_code AS reason_code, -- Like event_stories.reason_code.
    event_stories.decided_by AS decided_by, -- text or manual.
    articles.url AS url -- articles.url.
  FROM event_stories
  JOIN stories ON stories.id = event_stories.story_id
  JOIN articles ON articles.id = stories.first_article_id
  JOIN sources ON sources.id = articles.source_id;
