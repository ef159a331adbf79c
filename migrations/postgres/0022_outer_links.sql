-- Articles lead to other sites too, from their text and by their sources.
alter table article_link rename column path to address;

-- What is known of each address on another site: whether it leads somewhere is asked now and then.
create table outer_link (
    -- Without the part of a page: "https://www.nhs.uk/conditions/back-pain/".
    address         text    not null primary key,
    -- From when on it is asked again.
    ask_at          bigint  not null,
    -- What was found: the status, "404", or why there was none. Empty before the first time.
    found           text    not null,
    -- Whether no answer came the last time, which may be our own network's doing.
    silent          boolean not null,
    -- Since when it fails, where it does, and whether that was found on more than one day.
    failing_since   bigint,
    failing_still   boolean not null
);

-- The last time that other sites were asked: one row.
create table outer_link_round (
    -- 0 for never.
    asked_at        bigint  not null,
    asked           bigint  not null,
    -- How many of those answered anything; null until all were asked.
    answered        bigint
);

insert into outer_link_round (asked_at, asked, answered) values (0, 0, 0);

-- All are noted anew, with what leads to other sites.
update article set linked_revision = 0;
