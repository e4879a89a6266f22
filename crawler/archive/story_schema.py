"""Stories: which articles tell the same report, and the index by which the next one is recognised.

As in `schema.py`, what is written here never changes; `docs/archive.md` is made from the comments.
"""

from __future__ import annotations

STORIES = """
CREATE TABLE stories (
  -- One report, as one or many articles carry it. Written by filing: each article that tells no known story founds one.
  id INTEGER PRIMARY KEY, -- Never changes, never used twice.
  first_article_id INTEGER NOT NULL REFERENCES articles(id), -- Who was filed first; the next one where that has left.
  carriers INTEGER NOT NULL, -- Articles in it; 0 where merged_into says who has them now.
  founded_at TEXT NOT NULL, -- When its first article was filed.
  latest_at TEXT NOT NULL, -- When an article last joined it.
  merged_into INTEGER REFERENCES stories(id) -- The story into which its last article went; null for nearly all.
) STRICT;
CREATE INDEX stories_carried ON stories(latest_at) WHERE carriers > 1;
CREATE INDEX stories_merged ON stories(merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE story_articles (
  -- Which story an article tells. Decided when it is filed, and again by a later text only while it is alone in its story.
  article_id INTEGER PRIMARY KEY REFERENCES articles(id),
  story_id INTEGER NOT NULL REFERENCES stories(id),
  role TEXT NOT NULL, -- first, copy, excerpt (a part of a text that was there) or fuller (such a text and more).
  resembles INTEGER REFERENCES articles(id), -- The article whose text decided it; null for the first, and by hand.
  resemblance REAL, -- Share of five-word runs in common with that text at the time, 0 to 1; null as resembles.
  why TEXT, -- One line; null for the first.
  joined_at TEXT NOT NULL, -- When it came into this story.
  decided_by TEXT NOT NULL -- text, or hand (scrapy stories --split, --join), which no text changes any more.
) STRICT;
CREATE INDEX story_articles_story ON story_articles(story_id);

CREATE TABLE story_sketches (
  -- What the newest text of an article is compared by before it is read. Written by filing, replaced with the text.
  article_id INTEGER PRIMARY KEY REFERENCES articles(id),
  sketch BLOB NOT NULL -- Its keys and marks, packed as crawler/sketches.py says.
) STRICT;

CREATE TABLE story_keys (
  -- The index of sketches: near-copies share at least one key. Written with the sketch.
  key INTEGER NOT NULL, -- Hash of some of the text's runs of words, or of its beginning, or of all of it.
  article_id INTEGER NOT NULL, -- Of story_sketches; no foreign key, which would read all keys when a sketch goes.
  PRIMARY KEY (key, article_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW story_list AS
  -- Stories that several articles carry, with the title of the first: SELECT * FROM story_list ORDER BY latest_at DESC.
  SELECT
    stories.id AS story_id, -- stories.id.
    revisions.title AS title, -- Of its first article, as it reads now.
    sources.name AS first_source, -- sources.name of its first article.
    stories.carriers AS carriers, -- Articles that tell it.
    (SELECT count(DISTINCT a.source_id)
      FROM story_articles m JOIN articles a ON (a.id = m.article_id)
      WHERE m.story_id = stories.id) AS sources, -- Outlets among them.
    articles.first_seen_at AS first_seen_at, -- Of its first article.
    stories.latest_at AS latest_at, -- When an article last joined it.
    articles.id AS first_article_id, -- articles.id.
    articles.url AS url -- Of its first article.
  FROM stories
  JOIN articles ON articles.id = stories.first_article_id
  JOIN sources ON sources.id = articles.source_id
  LEFT JOIN revisions ON revisions.id = articles.latest_revision_id
  WHERE stories.carriers > 1;

CREATE VIEW story_carriers AS
  -- Each article beside its story: SELECT * FROM story_carriers WHERE story_id = 17 ORDER BY published_at, article_id.
  SELECT
    story_articles.story_id AS story_id, -- stories.id.
    articles.id AS article_id, -- articles.id.
    articles.source_id AS source_id, -- sources.id.
    sources.name AS source, -- sources.name.
    revisions.title AS title, -- As it reads now.
    coalesce(revisions.published_at, articles.first_seen_at) AS published_at, -- Where no time was given, first seen.
    articles.first_seen_at AS first_seen_at, -- When its first page was fetched.
    story_articles.role AS role, -- first, copy, excerpt or fuller.
    story_articles.resemblance AS resemblance, -- As in story_articles.
    story_articles.why AS why, -- As in story_articles.
    story_articles.decided_by AS decided_by, -- text or hand.
    revisions.words AS words, -- As it reads now.
    articles.url AS url -- articles.url.
  FROM story_articles
  JOIN articles ON articles.id = story_articles.article_id
  JOIN sources ON sources.id = articles.source_id
  LEFT JOIN revisions ON revisions.id = articles.latest_revision_id;
"""
