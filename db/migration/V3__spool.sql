-- Records that the broker could not take, byte for byte, until a worker has published them.
create table ${schema}.spool (
    id         bigint      generated always as identity primary key,
    topic      text        not null,
    key        bytea,
    headers    bytea,                   -- names and values, length-prefixed; none: no headers
    value      bytea,
    bytes      integer     not null,    -- of key, headers and value
    created_at timestamptz not null default clock_timestamp(),
    set_aside  text                     -- why the broker will never take it; none: to be published
);
create index spool_due on ${schema}.spool (topic, id) where set_aside is null;
create index spool_set_aside on ${schema}.spool (id) where set_aside is not null;

-- A queue's rows are short-lived and never updated: what is dead goes soon, whatever the size.
alter table ${schema}.spool set (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_vacuum_cost_delay = 0);

-- What the spool holds, so that nobody counts millions of rows; the sum over all shards counts.
-- A worker always writes to the same one, so that workers do not wait for each other.
create table ${schema}.spool_size (
    shard   smallint primary key,
    records bigint   not null default 0,    -- those set aside included
    bytes   bigint   not null default 0
) with (fillfactor = 20);                   -- updates stay on the page
insert into ${schema}.spool_size (shard) select generate_series(0, 31);

-- Requests whose last record is in the spool: their offsets may be uncommitted when the worker dies with
-- the broker away, and they must not be worked on again. Rows go when the group's watermark passes.
create table ${schema}.spool_done (
    topic      text        not null,
    part       integer     not null,
    position   bigint      not null,    -- the request's offset
    stamp      bigint      not null,    -- its timestamp, ms: another record at the offset is another request
    created_at timestamptz not null default clock_timestamp(),
    primary key (topic, part, position)
);

-- Answers too large for the broker, for seven days; the result names them by id.
create table ${schema}.oversize_result (
    id         text        primary key,
    request_id text        not null,
    headers    bytea,
    value      bytea       not null,
    bytes      bigint      not null,
    created_at timestamptz not null default clock_timestamp()
);
