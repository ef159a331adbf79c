-- Links by which a clinician who has no account reads, comments on and approves exactly one revision.
create table review_link (
    id              uuid    not null primary key,
    article_id      uuid    not null,
    revision        bigint  not null,
    -- SHA-256 of the token: the link itself is known to whoever has the letter alone.
    token_hash      bytea   not null unique,
    -- To whom it was sent; emptied some time after it ended.
    email           text    not null,
    -- Whose account asked them; none where it is gone.
    made_by         uuid,
    made_at         bigint  not null,
    expires_at      bigint  not null,
    -- When it was used to approve, or taken back; none while it was not.
    ended_at        bigint,
    foreign key (article_id, revision) references article_revision (article_id, number)
);

create index review_link_article on review_link (article_id);

-- The name that somebody without an account gave; empty for the staff.
alter table article_comment add column said_as text not null default '';
