-- Ids are UUIDs, times are milliseconds since 1970 (UTC), days are YYYY-MM-DD, lists are JSON: what both engines share.

create table article (
    id               uuid    not null primary key,
    slug             text    not null unique,
    -- The revision that readers see. Revisions are never changed or deleted.
    current_revision bigint  not null,
    created_at       bigint  not null
);

create table article_revision (
    article_id      uuid    not null references article (id),
    number          bigint  not null,
    title           text    not null,
    summary         text    not null,
    author          text    not null,
    published_on    text    not null,
    reviewed_on     text    not null,
    review_due_on   text    not null,
    -- As written; what follows is made from it.
    markdown        text    not null,
    html            text    not null,
    -- [{"id": "…", "title": "…"}]
    contents        text    not null,
    words           bigint  not null,
    -- [{"title": "…", "publisher": "…", "url": "…"}]
    sources         text    not null,
    -- ["back-pain", …]
    tags            text    not null,
    -- SHA-256 of the file that it came from: importing the same file again makes no revision.
    digest          text    not null,
    saved_at        bigint  not null,
    primary key (article_id, number)
);

-- The tags of the current revision, to find by.
create table article_tag (
    tag             text    not null,
    article_id      uuid    not null references article (id),
    primary key (tag, article_id)
);

create table exercise (
    id              text    not null primary key,
    position        bigint  not null,
    -- The exercise as JSON (`Exercise` in app/src/exercise).
    body            text    not null,
    saved_at        bigint  not null
);
