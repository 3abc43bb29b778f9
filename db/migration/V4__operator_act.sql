-- What operators did to circuits and nobody has published yet: written with the circuits in one statement,
-- taken by the worker that tells the audit and the routing topic, and gone once the broker has it.
create table ${schema}.operator_act (
    id            text        primary key,
    at            timestamptz not null,
    target        text        not null,    -- as the operator wrote it
    deed          text        not null check (deed in ('open', 'deny', 'reset')),
    open_ms       bigint,                  -- open only
    reason        text        not null,
    actor         text        not null,
    moves         jsonb       not null,    -- the transitions that followed
    teller        text,                    -- the worker that publishes it
    claimed_until timestamptz,             -- then another one may
    check ((deed = 'open') = (open_ms is not null)),
    check ((teller is null) = (claimed_until is null))
);
