-- Transient failures open a circuit for the fleet only once those who called have been asked: when that was,
-- and what each answered. Columns that the previous release does not write are judged by the row's state.
alter table ${schema}.circuit
    add column suspected_at timestamptz,              -- closed only: the fleet is asked
    add column lease_wanted_at timestamptz,           -- half-open only: another worker would use the probe
    add column changed bigint not null default 0;     -- the transaction that wrote the row last

create table ${schema}.circuit_witness (
    key          text             not null,
    suspected_at timestamptz      not null, -- of the row that asks
    worker       text             not null,
    calls        integer          not null, -- begun since the failures began
    failures     integer          not null,
    unknowns     integer          not null,
    primary key (key, suspected_at, worker)
);

-- By a trigger, so that what the previous release writes is read as well. Whoever has read at a moment reads
-- next what transactions wrote that were not over then: no row is missed, whatever the order of commits.
create function ${schema}.circuit_changed() returns trigger language plpgsql as $$
begin
    new.changed := pg_current_xact_id()::text::bigint;
    return new;
end
$$;
create trigger circuit_changed before insert or update on ${schema}.circuit
    for each row execute function ${schema}.circuit_changed();
create index circuit_changed on ${schema}.circuit (changed);
create index circuit_leased on ${schema}.circuit (key) where lease_owner is not null;
