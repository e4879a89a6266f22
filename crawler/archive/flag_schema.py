"""Topics and what they found: versions of topics, matches with their sentences, alerts, judgements.

As in `schema.py`, what is written here never changes; `docs/archive.md` is made from the comments.
"""

from __future__ import annotations

FLAGGING = """
CREATE TABLE topics (
  -- What is watched: a mirror of topics.toml, so that foreign keys can be followed. Written by the flag job.
  id TEXT PRIMARY KEY NOT NULL, -- Name of the topic's table in topics.toml.
  title TEXT NOT NULL, -- For people.
  version_id INTEGER REFERENCES topic_versions(id), -- The version that is watched now.
  first_seen_at TEXT NOT NULL, -- When the flag job first met it.
  retired_at TEXT -- When it had gone from topics.toml, or was switched off; null while it is watched.
) STRICT;
CREATE INDEX topics_version ON topics(version_id);

CREATE TABLE topic_versions (
  -- What a topic asked for, each time it was changed. The definition never changes, the cursor moves.
  id INTEGER PRIMARY KEY, -- Counts up.
  topic_id TEXT NOT NULL REFERENCES topics(id),
  number INTEGER NOT NULL, -- 1, 2, 3 ... within the topic.
  definition TEXT NOT NULL, -- JSON object: query as written, fts as run, scope, and everything else that decides.
  definition_sha256 TEXT NOT NULL, -- Of what decides: another one makes another version.
  made_at TEXT NOT NULL, -- When the flag job first met it.
  starts_after INTEGER NOT NULL, -- revisions.id; those up to it are not looked at.
  silent_until INTEGER, -- revisions.id; what is found up to it is noted without an alert. Null: nothing is.
  cursor INTEGER NOT NULL, -- revisions.id up to which all have been looked at. Moves with the matches and alerts.
  UNIQUE (topic_id, number)
) STRICT;

CREATE TABLE alerts (
  -- A topic found something new in an article: told once. Written by the flag job, never changed.
  id INTEGER PRIMARY KEY, -- Counts up in the order of commits: a cursor.
  topic_id TEXT NOT NULL REFERENCES topics(id),
  topic_version_id INTEGER NOT NULL REFERENCES topic_versions(id),
  kind TEXT NOT NULL, -- new; edited: a later text added it; removed: a later text took it out; addition: see below.
  -- addition: an article of a story that was told already has a matching sentence that the story did not have.
  article_id INTEGER NOT NULL REFERENCES articles(id),
  revision_id INTEGER NOT NULL REFERENCES revisions(id),
  previous_revision_id INTEGER REFERENCES revisions(id), -- The text before the edit; null for new and addition.
  story_id INTEGER REFERENCES stories(id), -- Null where the article tells no story yet.
  page_id INTEGER REFERENCES pages(id), -- The raw page, as evidence; null where the text came from a feed.
  made_at TEXT NOT NULL, -- When the flag job found it.
  UNIQUE (topic_id, revision_id)
) STRICT;
CREATE INDEX alerts_article ON alerts(article_id, topic_id);
CREATE INDEX alerts_story ON alerts(story_id, topic_id);
CREATE INDEX alerts_revision ON alerts(revision_id);
CREATE INDEX alerts_previous ON alerts(previous_revision_id) WHERE previous_revision_id IS NOT NULL;
CREATE INDEX alerts_made ON alerts(made_at);
CREATE INDEX alerts_version ON alerts(topic_version_id);
CREATE INDEX alerts_page ON alerts(page_id);

CREATE TABLE matches (
  -- A topic found in a revision, told or not. Written by the flag job, never changed.
  id INTEGER PRIMARY KEY, -- Counts up.
  topic_id TEXT NOT NULL REFERENCES topics(id),
  topic_version_id INTEGER NOT NULL REFERENCES topic_versions(id),
  revision_id INTEGER NOT NULL REFERENCES revisions(id),
  kind TEXT NOT NULL, -- As alerts.kind, or carrier (adds nothing to a told story), unchanged (nothing was added), silent.
  alert_id INTEGER REFERENCES alerts(id), -- The alert that it made, or that told its story already; null for none.
  matched_at TEXT NOT NULL, -- When the flag job found it.
  UNIQUE (topic_id, revision_id)
) STRICT;
CREATE INDEX matches_revision ON matches(revision_id);
CREATE INDEX matches_alert ON matches(alert_id);
CREATE INDEX matches_version ON matches(topic_version_id);

CREATE TABLE match_sentences (
  -- The sentences that hold the words of a match. Written with it.
  match_id INTEGER NOT NULL REFERENCES matches(id),
  position INTEGER NOT NULL, -- 0 is the first: what was added, then what was removed, then what was there.
  change TEXT NOT NULL, -- added, removed (it stood in the previous revision), or there (it stood there before).
  field TEXT NOT NULL, -- Where it stands: title, lead, byline or text.
  sentence TEXT NOT NULL, -- As published.
  spans TEXT NOT NULL, -- JSON list of [from, to] in characters: the words that hit.
  replaces TEXT, -- The sentence of the previous revision that it was made from; null where there was none like it.
  PRIMARY KEY (match_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE flag_failures (
  -- A revision that could not be matched with a topic: tried again until it can. Written by the flag job.
  topic_version_id INTEGER NOT NULL REFERENCES topic_versions(id),
  revision_id INTEGER NOT NULL REFERENCES revisions(id),
  error TEXT NOT NULL, -- One line, of the last attempt.
  attempts INTEGER NOT NULL, -- So far.
  first_at TEXT NOT NULL, -- Of the first attempt.
  next_try_at TEXT, -- Not before; null: given up after many attempts, and still shown.
  PRIMARY KEY (topic_version_id, revision_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX flag_failures_revision ON flag_failures(revision_id);

CREATE TABLE judgements (
  -- What a person says of a topic's find. Written by scrapy backtest and by the browser; a later one replaces it.
  topic_id TEXT NOT NULL, -- No foreign key: a topic can be judged before the flag job met it.
  article_id INTEGER NOT NULL REFERENCES articles(id),
  wanted INTEGER NOT NULL, -- 1: this is what the topic is for; 0: noise.
  judged_at TEXT NOT NULL, -- When.
  judged_in TEXT NOT NULL, -- backtest or browser.
  PRIMARY KEY (topic_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX judgements_article ON judgements(article_id);

CREATE VIEW alert_list AS
  -- Alerts as people read them: SELECT * FROM alert_list ORDER BY alert_id DESC LIMIT 20.
  SELECT
    alerts.id AS alert_id, -- alerts.id.
    alerts.made_at AS made_at, -- When it was found.
    alerts.topic_id AS topic_id, -- topics.id.
    topics.title AS topic, -- topics.title.
    alerts.kind AS kind, -- new, edited, removed or addition.
    revisions.title AS title, -- Of the article, as it read then.
    sources.name AS source, -- sources.name.
    revisions.byline AS byline, -- The names in one line.
    coalesce(revisions.published_at, articles.first_seen_at) AS published_at, -- Where no time was given, first seen.
    match_sentences.sentence AS sentence, -- The first sentence that it tells.
    judgements.wanted AS wanted, -- 1: judged as wanted, 0: as noise; null: not judged.
    alerts.story_id AS story_id, -- stories.id.
    alerts.article_id AS article_id, -- articles.id.
    alerts.revision_id AS revision_id, -- revisions.id.
    articles.url AS url -- articles.url.
  FROM alerts
  JOIN topics ON topics.id = alerts.topic_id
  JOIN articles ON articles.id = alerts.article_id
  JOIN sources ON sources.id = articles.source_id
  JOIN revisions ON revisions.id = alerts.revision_id
  LEFT JOIN matches ON matches.topic_id = alerts.topic_id AND matches.revision_id = alerts.revision_id
  LEFT JOIN match_sentences ON match_sentences.match_id = matches.id AND match_sentences.position = 0
  LEFT JOIN judgements ON judgements.topic_id = alerts.topic_id AND judgements.article_id = alerts.article_id;
"""
