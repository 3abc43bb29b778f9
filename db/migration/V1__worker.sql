-- Who is alive. A row is written by its worker's heartbeat only; times are the database's clock.
create table ${schema}.worker (
    id         text        primary key,
    name       text        not null,
    version    text        not null,
    started_at timestamptz not null default clock_timestamp(),
    last_seen  timestamptz not null default clock_timestamp()
);
