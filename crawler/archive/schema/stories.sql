-- Stories: which articles carry the same report, and the LSH index that finds near-copies.

CREATE TABLE stories (
  -- One report, published by one or more articles. Created by the first fetch of an article that matches no story.
  id INTEGER PRIMARY KEY, -- Never changes and is never reused.
  first_article_id INTEGER REFERENCES articles(id), -- The article stored first; the next one if it left. Null if all are gone.
  article_count INTEGER NOT NULL, -- Articles in it; 0 if it was merged, see merged_into.
  created_at TEXT NOT NULL, -- When its first article was stored.
  latest_at TEXT NOT NULL, -- When the latest article joined it.
  merged_into INTEGER REFERENCES stories(id), -- The story its last article moved to; null for nearly all.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX stories_first_article ON stories(first_article_id);
CREATE INDEX stories_shared ON stories(latest_at) WHERE article_count > 1;
CREATE INDEX stories_by_articles ON stories(article_count, latest_at) WHERE article_count > 1;
CREATE INDEX stories_merged ON stories(merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE story_articles (
  -- The story of an article. Assigned when it is stored, and again by a later version only while it is alone in its story.
  article_id INTEGER PRIMARY KEY REFERENCES articles(id),
  story_id INTEGER NOT NULL REFERENCES stories(id),
  role TEXT NOT NULL, -- first, copy, excerpt (part of an existing text) or extended (an existing text and more).
  resembles INTEGER REFERENCES articles(id), -- The article it was matched with; null for the first and for manual decisions.
  resemblance REAL, -- Jaccard similarity of their five-word shingles at that time, 0 to 1; null like resembles.
  reason TEXT, -- One line; null for the first.
  joined_at TEXT NOT NULL, -- When it joined this story.
  decided_by TEXT NOT NULL, -- text, or manual (scrapy stories --split, --join), which later versions do not change.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX story_articles_story ON story_articles(story_id);
CREATE INDEX story_articles_resembles ON story_articles(resembles) WHERE resembles IS NOT NULL;

CREATE TABLE story_sketches (
  -- MinHash sketch of the current version of an article. Written with the version.
  article_id INTEGER PRIMARY KEY REFERENCES articles(id),
  sketch BLOB NOT NULL -- Packed as described in crawler/stories/minhash.py.
) STRICT;

CREATE TABLE story_keys (
  -- LSH index of the sketches: near-copies share at least one key. Written with the sketch.
  key INTEGER NOT NULL, -- Hash of some of the text's shingles, of its beginning, or of all of it.
  article_id INTEGER NOT NULL, -- Of story_sketches; no foreign key, because checking it would read all keys.
  PRIMARY KEY (key, article_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW story_list AS
  -- Stories of several articles, with the title of the first: SELECT * FROM story_list ORDER BY latest_at DESC.
  SELECT
    stories.id AS story_id, -- stories.id.
    articles.title AS title, -- articles.title of its first article.
    sources.name AS first_source, -- sources.name of its first article.
    stories.article_count AS article_count, -- Articles in it.
    (SELECT count(DISTINCT a.source_id)
      FROM story_articles m JOIN articles a ON (a.id = m.article_id)
      WHERE m.story_id = stories.id) AS sources, -- Number of outlets.
    articles.first_seen_at AS first_seen_at, -- Of its first article.
    stories.latest_at AS latest_at, -- When the latest article joined it.
    articles.id AS first_article_id, -- articles.id.
    articles.url AS url -- Of its first article.
  FROM stories
  JOIN articles ON articles.id = stories.first_article_id
  JOIN sources ON sources.id = articles.source_id
  WHERE stories.article_count > 1;

CREATE VIEW story_pickups AS
  -- Each article with its story: SELECT * FROM story_pickups WHERE story_id = 17 ORDER BY published_at, article_id.
  SELECT
    story_articles.story_id AS story_id, -- stories.id.
    articles.id AS article_id, -- articles.id.
    articles.source_id AS source_id, -- sources.id.
    sources.name AS source, -- sources.name.
    articles.title AS title, -- articles.title.
    coalesce(articles.published_at, articles.first_seen_at) AS published_at, -- First seen, if the page gives no time.
    articles.first_seen_at AS first_seen_at, -- When its first page was fetched.
    story_articles.role AS role, -- first, copy, excerpt or extended.
    story_articles.resemblance AS resemblance, -- Like story_articles.resemblance.
    story_articles.reason AS reason, -- Like story_articles.reason.
    story_articles.decided_by AS decided_by, -- text or manual.
    articles.words AS words, -- articles.words.
    articles.url AS url -- articles.url.
  FROM story_articles
  JOIN articles ON articles.id = story_articles.article_id
  JOIN sources ON sources.id = articles.source_id;
