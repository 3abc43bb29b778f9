-- Requests that a worker finishes although it has given their partition away, one row each: whoever owns the partition
-- next leaves them to it. The worker says when one is done, and takes the row away when it gives the request up; the
-- owner takes it away once its commits pass it. A worker of the release before neither writes nor reads rows.
create table ${schema}.handover (
    topic    text        not null,
    part     integer     not null,
    position bigint      not null,                 -- the request's offset
    stamp    bigint      not null,                 -- its timestamp, ms: another record at the offset is another request
    worker   text        not null,                 -- the id of the one that works on it
    done     boolean     not null default false,   -- its records are safe
    given_at timestamptz not null default clock_timestamp(),
    primary key (topic, part, position, stamp)
);
create index handover_open on ${schema}.handover (worker) where not done;
