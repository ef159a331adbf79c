-- How often a result of the checker helped somebody decide. Counts only: nothing here is about one person or one visit.

create table checker_feedback (
    -- YYYY-MM-DD, UTC
    day             text    not null,
    -- As in the rule set: "emergency", …, "self-care".
    urgency         text    not null,
    rules_version   text    not null,
    helped          boolean not null,
    count           bigint  not null,
    primary key (day, urgency, rules_version, helped)
);
