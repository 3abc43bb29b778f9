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
create index spool_due on ${schema}.spool (id) where set_aside is null;

-- Requests whose result is in the spool: their offsets may be uncommitted when the worker dies with the
-- broker away, and they must not be worked on again. Rows go when the group's watermark passes.
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
