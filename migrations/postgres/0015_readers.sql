-- What readers say of an article, and how many read it. Nothing here says who, from where, or in which visit.

-- "Was this page useful?": how many said so.
create table article_vote (
    article_id      uuid    not null references article (id),
    -- What readers saw on that day.
    revision        bigint  not null,
    -- YYYY-MM-DD, UTC
    day             text    not null,
    useful          boolean not null,
    count           bigint  not null,
    primary key (article_id, revision, day, useful)
);

-- What somebody wrote beside their answer. Deleted after two years, or when an editor deletes it.
create table article_remark (
    id              uuid    not null primary key,
    article_id      uuid    not null references article (id),
    revision        bigint  not null,
    day             text    not null,
    useful          boolean not null,
    said            text    not null,
    -- "new", "seen" or "done".
    stage           text    not null default 'new'
);

create index article_remark_article on article_remark (article_id);
create index article_remark_day on article_remark (day);

-- How often something happened on a day. Every server adds its own.
create table daily_number (
    day             text    not null,
    -- "article-read", "checker-start" or "checker-result".
    what            text    not null,
    -- The article's id, or how urgent the result was; empty where there is nothing to say.
    about           text    not null,
    count           bigint  not null,
    primary key (day, what, about)
);
