-- Views of articles.

CREATE VIEW articles_latest AS
  -- Each article with the text of its current version.
  SELECT
    articles.id AS article_id, -- articles.id.
    revisions.id AS revision_id, -- revisions.id of the current version.
    sources.name AS source, -- sources.name.
    articles.source_id AS source_id, -- sources.id.
    articles.title AS title, -- articles.title.
    articles.byline AS byline, -- articles.byline.
    coalesce(articles.published_at, articles.first_seen_at) AS published_at, -- First seen, if the page gives no time.
    revisions.modified_at AS modified_at, -- revisions.modified_at.
    articles.revision_count AS revision_count, -- Number of versions.
    articles.status AS status, -- ok, teaser or empty.
    articles.language AS language, -- articles.language.
    articles.section AS section, -- articles.section.
    articles.words AS words, -- articles.words.
    articles.url AS url, -- articles.url.
    revisions.lead AS lead, -- revisions.lead.
    revisions.text AS text, -- revisions.text.
    revisions.page_id AS page_id -- pages.id of its raw page; null if the text is from the feed.
  FROM articles
  JOIN revisions ON revisions.id = articles.latest_revision_id
  JOIN sources ON sources.id = articles.source_id
  WHERE articles.merged_into IS NULL;

CREATE VIEW edits AS
  -- Versions after the first, next to the version before. Re-extractions (`scrapy reextract`) are left out.
  SELECT
    revisions.id AS revision_id, -- revisions.id.
    revisions.article_id AS article_id, -- articles.id.
    articles.source_id AS source_id, -- sources.id.
    revisions.number AS number, -- revisions.number.
    revisions.seen_at AS seen_at, -- When the page was fetched.
    before.title AS title_before, -- Of the version before.
    revisions.title AS title, -- revisions.title.
    before.words AS words_before, -- Of the version before.
    revisions.words AS words, -- revisions.words.
    revisions.modified_at AS modified_at, -- As the page gives it; null if it gives none.
    before.modified_at AS modified_before, -- Of the version before.
    (revisions.modified_at IS NULL OR revisions.modified_at IS before.modified_at)
      AS stealth, -- 1: a stealth edit, which the page does not mark with a new modified time. 0 otherwise.
    before.id AS previous_revision_id, -- revisions.id of the version before.
    articles.url AS url -- articles.url.
  FROM revisions
  JOIN revisions AS before ON before.article_id = revisions.article_id AND before.number = revisions.number - 1
  JOIN articles ON articles.id = revisions.article_id
  WHERE revisions.page_id IS NULL OR revisions.page_id IS NOT before.page_id;
