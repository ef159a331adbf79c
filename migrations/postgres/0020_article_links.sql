-- Where what readers see of an article leads to on this site, so that links that fail are found.
create table article_link (
    -- Without the part of a page: "/articles/back-pain".
    path            text    not null,
    article_id      uuid    not null references article (id),
    primary key (path, article_id)
);

create index article_link_article on article_link (article_id);

-- Of which revision the links are noted; 0 for none.
alter table article add column linked_revision bigint not null default 0;
