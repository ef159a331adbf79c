-- What the desk's list shows of the newest revision, kept in the article's own row: reading it from the revisions, whose rows
-- hold whole texts, took longer than all else together. Whatever saves a revision writes both.
alter table article add column newest_title text not null default '';
alter table article add column newest_summary text not null default '';
alter table article add column newest_author text not null default '';
alter table article add column newest_tags text not null default '[]';
alter table article add column newest_saved_at bigint not null default 0;
alter table article add column newest_saved_by uuid;

update article
set newest_title    = (select title from article_revision where article_id = id and number = newest_revision),
    newest_summary  = (select summary from article_revision where article_id = id and number = newest_revision),
    newest_author   = (select author from article_revision where article_id = id and number = newest_revision),
    newest_tags     = (select tags from article_revision where article_id = id and number = newest_revision),
    newest_saved_at = (select saved_at from article_revision where article_id = id and number = newest_revision),
    newest_saved_by = (select saved_by from article_revision where article_id = id and number = newest_revision)
where exists (select 1 from article_revision where article_id = id and number = newest_revision);
