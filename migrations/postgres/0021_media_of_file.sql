-- Whether what a picture is called and shows is what the last file of it said: then another file may say otherwise. What the desk
-- wrote is the desk's.
alter table media add column of_file boolean not null default false;
