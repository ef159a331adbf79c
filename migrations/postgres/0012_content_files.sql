-- Content that comes from files: who gave the file, and whether the desk went on from there.

-- Whose text it is: "shipped" in the program, "imported" by the command line, or "desk". A program that is replaced brings its
-- files up to date where they are still its own, and replaces nobody else's.
alter table article_revision add column origin text not null default 'desk';
-- Until now a start of the site put what is shipped in place of what was imported, so what is there is the program's.
update article_revision set origin = 'shipped' where from_file;
alter table article_revision drop column from_file;
-- What a file says is compared with what the article says.
alter table article_revision drop column digest;

-- How a file last left the article: "published", "draft" or "archived". Where it is otherwise now, the desk went on with it.
alter table article add column filed_as text not null default 'published';

alter table exercise add column origin text not null default 'shipped';

-- An archive that an administrator sent, while they look at what it would change: one for each, removed when it is imported or
-- given up, and after an hour.
create table content_upload (
    account_id      uuid    not null primary key references account (id),
    archive         bytea   not null,
    sent_at         bigint  not null
);
