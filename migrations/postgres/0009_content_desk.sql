-- The content desk: what editors write, what clinicians approve, and how far each article is. Of an article readers see one
-- revision; editors work on the newest.

-- The newest revision; what editors work on.
alter table article add column newest_revision bigint not null default 0;
-- How far the newest revision is: "draft", "in-review", "approved" or "published", which is what readers see.
alter table article add column stage text not null default 'published';
-- When the approved revision is to be published, in milliseconds since 1970, UTC; none where nobody chose a time.
alter table article add column publish_at bigint;
-- When it was taken off the site; none where it was not. Then readers see no revision: `current_revision` is 0, as before
-- anything is published.
alter table article add column archived_at bigint;
-- Of what readers see: when they first saw the article, when it was last reviewed, and when it is due. Empty before.
alter table article add column published_on text not null default '';
alter table article add column reviewed_on text not null default '';
alter table article add column review_due_on text not null default '';

update article
set newest_revision = current_revision,
    published_on    = (select r.published_on from article_revision r where r.article_id = article.id and r.number = article.current_revision),
    reviewed_on     = (select r.reviewed_on from article_revision r where r.article_id = article.id and r.number = article.current_revision),
    review_due_on   = (select r.review_due_on from article_revision r where r.article_id = article.id and r.number = article.current_revision);

create index article_stage on article (stage);
create index article_publish on article (publish_at);

-- They say when it was published, not what was written.
alter table article_revision drop column published_on;
alter table article_revision drop column reviewed_on;
alter table article_revision drop column review_due_on;
-- Whose account saved it; none for a file, and where the account is gone.
alter table article_revision add column saved_by uuid;
-- What was changed, in the words of whoever saved it.
alter table article_revision add column note text not null default '';
-- Whether it came from a file, and not from the desk: files never replace what somebody wrote there.
alter table article_revision add column from_file boolean not null default true;
-- Months from a review to the next.
alter table article_revision add column review_months bigint not null default 12;
-- The authors' conflicts of interest; empty where none are declared.
alter table article_revision add column conflicts text not null default '';

-- A clinician's approval of exactly one revision. Its row goes when it is withdrawn; the audit log keeps that it was there.
create table article_approval (
    article_id      uuid    not null,
    revision        bigint  not null,
    -- The reviewer's account; none where it is gone. Name and registration stay: they were published.
    reviewer        uuid,
    name            text    not null,
    -- With the professional's regulator: "GMC 1234567".
    registration    text    not null,
    approved_at     bigint  not null,
    -- Why it was approved although the safety check found something; none where it found nothing.
    override_reason text,
    primary key (article_id, revision),
    foreign key (article_id, revision) references article_revision (article_id, number)
);

create table article_comment (
    id              uuid    not null primary key,
    article_id      uuid    not null,
    revision        bigint  not null,
    -- The account; none where it is gone.
    said_by         uuid,
    said            text    not null,
    said_at         bigint  not null,
    -- None while it is open.
    resolved_at     bigint,
    resolved_by     uuid,
    foreign key (article_id, revision) references article_revision (article_id, number)
);

create index article_comment_article on article_comment (article_id);

-- Addresses that articles had before: readers are led on.
create table article_redirect (
    slug            text    not null primary key,
    article_id      uuid    not null references article (id),
    made_at         bigint  not null
);
