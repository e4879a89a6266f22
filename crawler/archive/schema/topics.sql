-- Topics: versions, matches with their sentences, alerts, judgements.

CREATE TABLE topics (
  -- A topic of topics.toml, mirrored so that foreign keys can be followed. Written by the flag job.
  id TEXT PRIMARY KEY NOT NULL, -- Name of the topic's table in topics.toml.
  title TEXT NOT NULL, -- Display name.
  version_id INTEGER REFERENCES topic_versions(id), -- The current version.
  first_seen_at TEXT NOT NULL, -- When the flag job first read it.
  retired_at TEXT, -- When it was removed from topics.toml or disabled; null while it is active.
  group_name TEXT, -- Its group in topics.toml; null if it has none.
  row_sha256 TEXT NOT NULL DEFAULT '' -- Of all other columns: `scrapy archive check` verifies it.
) STRICT;
CREATE INDEX topics_version ON topics(version_id);

CREATE TABLE topic_versions (
  -- A version of a topic, created when its definition changes. The definition never changes, the cursor moves.
  id INTEGER PRIMARY KEY, -- Ascending.
  topic_id TEXT NOT NULL REFERENCES topics(id),
  number INTEGER NOT NULL, -- 1, 2, 3 ... within the topic.
  definition TEXT NOT NULL, -- JSON object: the query as written, the FTS5 query, the scope and all other conditions.
  definition_sha256 TEXT NOT NULL, -- Of the parts that decide: a different hash makes a new version.
  created_at TEXT NOT NULL, -- When the flag job first read it.
  starts_after INTEGER NOT NULL, -- revisions.id; revisions up to it are not matched.
  silent_until INTEGER, -- revisions.id; matches up to it are recorded without an alert. Null: none are.
  cursor INTEGER NOT NULL, -- revisions.id up to which all were matched. Moves in the transaction of the matches and alerts.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns but cursor: `scrapy archive check` verifies it.
  UNIQUE (topic_id, number)
) STRICT;

CREATE TABLE alerts (
  -- Something new in an article that matches a topic; reported once. Written by the flag job, never changed.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Ascending in the order of commits, so it can be used as a cursor.
  topic_id TEXT NOT NULL REFERENCES topics(id),
  topic_version_id INTEGER NOT NULL REFERENCES topic_versions(id),
  kind TEXT NOT NULL, -- new; edited: a later version added it; removed: a later version removed it; addition: see below.
  -- addition: an article of an already reported story has a matching sentence that the story did not have.
  article_id INTEGER NOT NULL REFERENCES articles(id),
  revision_id INTEGER NOT NULL REFERENCES revisions(id),
  previous_revision_id INTEGER REFERENCES revisions(id), -- The version before the edit; null for new and addition.
  story_id INTEGER REFERENCES stories(id), -- Null if the article has no story yet.
  page_id INTEGER REFERENCES pages(id), -- The raw page, as evidence; null if the text is from a feed.
  is_old INTEGER NOT NULL DEFAULT 0, -- 1: published longer before it was found than the topic's old_after_days. 0 otherwise.
  created_at TEXT NOT NULL, -- When the flag job created it.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns: `scrapy archive check` verifies it.
  UNIQUE (topic_id, revision_id)
) STRICT;
CREATE INDEX alerts_article ON alerts(article_id, topic_id);
CREATE INDEX alerts_story ON alerts(story_id, topic_id);
CREATE INDEX alerts_revision ON alerts(revision_id);
CREATE INDEX alerts_previous ON alerts(previous_revision_id) WHERE previous_revision_id IS NOT NULL;
CREATE INDEX alerts_made ON alerts(created_at);
CREATE INDEX alerts_version ON alerts(topic_version_id);
CREATE INDEX alerts_page ON alerts(page_id);
-- A topic's alerts by time, for charts and trends, and by ID, for paging.
CREATE INDEX alerts_topic ON alerts(topic_id, created_at, kind, is_old, revision_id, article_id);
CREATE INDEX alerts_of_topic ON alerts(topic_id);

CREATE TABLE matches (
  -- A match of a topic in a revision, reported or not. Written by the flag job, never changed.
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- Ascending.
  topic_id TEXT NOT NULL REFERENCES topics(id),
  topic_version_id INTEGER NOT NULL REFERENCES topic_versions(id),
  revision_id INTEGER NOT NULL REFERENCES revisions(id),
  kind TEXT NOT NULL, -- Like alerts.kind; or pickup or unchanged (adds nothing), silent or old: no alert.
  alert_id INTEGER REFERENCES alerts(id), -- The alert it created, or the one that already reported its story; null for none.
  matched_at TEXT NOT NULL, -- When the flag job found it.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns and the rows in match_sentences, like alerts.row_sha256.
  UNIQUE (topic_id, revision_id)
) STRICT;
CREATE INDEX matches_revision ON matches(revision_id);
CREATE INDEX matches_alert ON matches(alert_id);
CREATE INDEX matches_version ON matches(topic_version_id);

CREATE TABLE match_sentences (
  -- The sentences of a match. Written with it.
  match_id INTEGER NOT NULL REFERENCES matches(id),
  position INTEGER NOT NULL, -- 0 is the first: added sentences, then removed ones, then unchanged ones.
  change TEXT NOT NULL, -- added, removed (it was in the previous revision) or unchanged.
  field TEXT NOT NULL, -- title, lead, byline or text.
  sentence TEXT NOT NULL, -- As published.
  spans TEXT NOT NULL, -- JSON list of [start, end] offsets in characters: the matched words.
  replaces TEXT, -- The similar sentence of the previous revision; null if there is none.
  PRIMARY KEY (match_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE figures (
  -- A claimed number in a sentence of a match: how many of what, what happened, who says so. Written by the flag job with the
  -- match. A sentence that was read in an earlier version of the article is not read again.
  id INTEGER PRIMARY KEY, -- Ascending.
  match_id INTEGER NOT NULL REFERENCES matches(id),
  position INTEGER NOT NULL, -- match_sentences.position.
  number INTEGER NOT NULL, -- 1, 2, 3 ... within the sentence.
  written TEXT NOT NULL, -- The number with its modifier, as published.
  spans TEXT NOT NULL, -- JSON object: number, unit, outcome and speaker as [start, end] in the sentence; absent if not in it.
  low REAL, -- Null: a share of an unknown number, or a number that was not understood.
  high REAL, -- Equal to low if it is not a range.
  share REAL, -- 0.667 for "two-thirds"; low and high are then this share of the number in the same sentence. Null: no share.
  modifier TEXT, -- at_least, more_than, up_to, less_than, about; magnitude: only "dozens" or "thousands". Null: none.
  unit TEXT, -- troops, civilians, drones ... Null: the number was not understood.
  outcome TEXT, -- killed, wounded, deployed, destroyed ... Null: the sentence names none.
  speaker TEXT, -- Who makes the claim, as published; null if the sentence names no speaker.
  speaker_name TEXT, -- The same speaker in one spelling.
  cue TEXT, -- The words that name the speaker: said, according to. Null without a speaker.
  row_sha256 TEXT NOT NULL DEFAULT '', -- Of all other columns: `scrapy archive check` verifies it.
  UNIQUE (match_id, position, number)
) STRICT;

CREATE TABLE flag_failures (
  -- A revision that could not be matched against a topic; retried until it can. Written by the flag job.
  topic_version_id INTEGER NOT NULL REFERENCES topic_versions(id),
  revision_id INTEGER NOT NULL REFERENCES revisions(id),
  error TEXT NOT NULL, -- One line about the last attempt.
  attempts INTEGER NOT NULL, -- So far.
  first_at TEXT NOT NULL, -- When it first failed.
  next_try_at TEXT, -- Not before this time; null: given up after many attempts, still shown.
  PRIMARY KEY (topic_version_id, revision_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX flag_failures_revision ON flag_failures(revision_id);

CREATE TABLE judgements (
  -- A person's judgement of an article for a topic. Written by scrapy backtest and the browser; replaced by a later one.
  topic_id TEXT NOT NULL, -- No foreign key: a topic can be judged before the flag job first reads it.
  article_id INTEGER NOT NULL REFERENCES articles(id),
  relevant INTEGER NOT NULL, -- 1: relevant; 0: not relevant.
  judged_at TEXT NOT NULL, -- When it was judged.
  judged_in TEXT NOT NULL, -- backtest or browser.
  PRIMARY KEY (topic_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX judgements_article ON judgements(article_id);

CREATE VIEW figure_list AS
  -- Claimed numbers with their sentences and pages: SELECT * FROM figure_list WHERE topic_id = 'troops'.
  SELECT
    figures.id AS figure_id, -- figures.id.
    matches.topic_id AS topic_id, -- topics.id.
    coalesce(revisions.published_at, articles.first_seen_at) AS published_at, -- First seen, if the page gives no time.
    revisions.seen_at AS seen_at, -- When the version was fetched.
    figures.speaker AS speaker, -- As published.
    figures.speaker_name AS speaker_name, -- In one spelling.
    figures.cue AS cue, -- said, according to ...
    figures.written AS written, -- As published.
    figures.low AS low, -- figures.low.
    figures.high AS high, -- figures.high.
    figures.share AS share, -- figures.share.
    figures.modifier AS modifier, -- figures.modifier.
    figures.unit AS unit, -- Null: not understood.
    figures.outcome AS outcome, -- figures.outcome.
    match_sentences.change AS change, -- added, removed or unchanged.
    match_sentences.sentence AS sentence, -- As published.
    match_sentences.replaces AS replaces, -- The similar sentence of the previous version.
    figures.spans AS spans, -- Places in the sentence.
    sources.id AS source_id, -- sources.id.
    sources.name AS source, -- sources.name.
    articles.url AS url, -- articles.url.
    coalesce(articles.merged_into, articles.id) AS article_id, -- articles.id.
    story_articles.story_id AS story_id, -- Null if the article has no story.
    revisions.id AS revision_id, -- revisions.id.
    revisions.number AS version, -- 1, 2, 3 ... within the article.
    matches.id AS match_id, -- matches.id.
    matches.kind AS kind, -- matches.kind.
    alerts.id AS alert_id, -- The alert of this version; null for a pickup or a match without an alert.
    pages.sha256 AS page_sha256 -- Of the raw page; null if the text is from a feed.
  FROM figures
  JOIN matches ON matches.id = figures.match_id
  JOIN match_sentences ON match_sentences.match_id = figures.match_id AND match_sentences.position = figures.position
  JOIN revisions ON revisions.id = matches.revision_id
  JOIN articles ON articles.id = revisions.article_id
  JOIN sources ON sources.id = articles.source_id
  LEFT JOIN alerts ON alerts.topic_id = matches.topic_id AND alerts.revision_id = matches.revision_id
  LEFT JOIN pages ON pages.id = revisions.page_id
  LEFT JOIN story_articles ON story_articles.article_id = coalesce(articles.merged_into, articles.id);

CREATE VIEW alert_list AS
  -- Alerts with their titles and sentences: SELECT * FROM alert_list ORDER BY alert_id DESC LIMIT 20.
  SELECT
    alerts.id AS alert_id, -- alerts.id.
    alerts.created_at AS created_at, -- When it was created.
    alerts.topic_id AS topic_id, -- topics.id.
    topics.title AS topic, -- topics.title.
    alerts.kind AS kind, -- new, edited, removed or addition.
    alerts.is_old AS is_old, -- 1: published long before it was found. 0 otherwise.
    revisions.title AS title, -- Of the revision.
    sources.name AS source, -- sources.name.
    revisions.byline AS byline, -- Authors in one line.
    coalesce(revisions.published_at, articles.first_seen_at) AS published_at, -- First seen, if the page gives no time.
    match_sentences.sentence AS sentence, -- Its first sentence.
    judgements.relevant AS relevant, -- 1: judged relevant, 0: not relevant; null: not judged.
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
