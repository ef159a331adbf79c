-- Exercises at the desk. `exercise` stays what readers and trackers see: the exercises that are offered, as published. One that
-- nobody changed at the desk has no row here, and is brought up to date by its file; one that has is replaced by no file.

create table exercise_work (
    id              uuid    not null primary key,
    -- The exercise's: its address, and what plans on patients' devices hold.
    slug            text    not null unique,
    -- "draft", "in-review", "approved" or "published": how far the newest revision is.
    stage           text    not null default 'draft',
    -- What editors work on.
    newest_revision bigint  not null,
    -- What readers see, or saw last; 0 where they never did. They do not while `exercise` has no row of this slug.
    current_revision bigint not null default 0,
    -- When it was taken out of the library, in milliseconds since 1970, UTC; none where it was not.
    archived_at     bigint,
    -- What whoever still has it in their plan is told, until it is published again.
    archived_note   text    not null default '',
    -- YYYY-MM-DD; empty before it was published from here.
    review_due_on   text    not null default ''
);

-- Never changed or deleted.
create table exercise_revision (
    exercise_id     uuid    not null,
    number          bigint  not null,
    -- The exercise as JSON (`Exercise` in app/src/exercise).
    body            text    not null,
    -- Months from a review to the next.
    review_months   bigint  not null,
    saved_at        bigint  not null,
    -- None for a file, and where the account is gone.
    saved_by        uuid,
    -- What was changed, in the words of whoever saved it.
    note            text    not null default '',
    -- The text that an exercise had before the desk changed it.
    from_file       boolean not null default false,
    primary key (exercise_id, number),
    foreign key (exercise_id) references exercise_work (id)
);

-- A clinician's approval of exactly one revision. Its row goes when it is withdrawn; the audit log keeps that it was there.
create table exercise_approval (
    exercise_id     uuid    not null,
    revision        bigint  not null,
    -- The reviewer's account; none where it is gone. Name and registration stay: they were published.
    reviewer        uuid,
    name            text    not null,
    registration    text    not null,
    approved_at     bigint  not null,
    primary key (exercise_id, revision),
    foreign key (exercise_id, revision) references exercise_revision (exercise_id, number)
);

create table exercise_comment (
    id              uuid    not null primary key,
    exercise_id     uuid    not null,
    revision        bigint  not null,
    -- The account; none where it is gone.
    said_by         uuid,
    said            text    not null,
    said_at         bigint  not null,
    -- None while it is open.
    resolved_at     bigint,
    resolved_by     uuid,
    foreign key (exercise_id, revision) references exercise_revision (exercise_id, number)
);

create index exercise_comment_exercise on exercise_comment (exercise_id);
