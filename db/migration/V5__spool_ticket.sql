-- A write whose answer was lost is tried again: the record's ticket says that it is the same one.
alter table ${schema}.spool add column ticket uuid not null default gen_random_uuid();
create unique index spool_ticket on ${schema}.spool (ticket);
