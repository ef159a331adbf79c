-- What an editor typed and did not save yet: one for each person and article, replaced as they type. A revision is what
-- somebody saved; this is nobody else's to read, and goes once it is saved, thrown away, or its account is deleted.
create table article_draft (
    -- Sixteen zeros for an article that is not begun, so it refers to none.
    article_id      blob    not null,
    account_id      blob    not null references account (id),
    -- The revision that it was made from; 0 for an article that is not begun.
    base            bigint  not null,
    -- The editor's fields as they were typed (JSON).
    typed           text    not null,
    -- The open page that it came from, and which of that page's drafts it is: another page of the same person replaces it
    -- only where it was made from it, and of one page the later replaces the earlier, in whatever order they arrive.
    page_id         blob    not null,
    number          bigint  not null,
    typed_at        bigint  not null,
    primary key (article_id, account_id)
);

create index article_draft_account on article_draft (account_id);
