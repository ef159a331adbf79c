-- That whoever wrote an article was told of its review: "due" or "expired", and the day that the review was due.
alter table article add column review_told text not null default '';
