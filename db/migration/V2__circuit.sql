-- Which lanes are open: one row per circuit that ever left the pristine state. A row changes only where
-- its version is the one that the writer saw. Times are the database's clock.
create table ${schema}.circuit (
    key          text             primary key, -- provider:instance or provider:instance:type:model
    state        text             not null check (state in ('closed', 'open', 'half_open', 'denied')),
    since        timestamptz      not null,    -- the last transition
    until        timestamptz,                  -- open only
    ends_by      text             check (ends_by in ('probe', 'time')),
    trips        integer          not null,    -- doubles the next cooldown
    kind         text,                         -- of the failure; none: an operator
    reason       text             not null check (length(reason) <= 500),
    actor        text             not null,    -- worker id or operator
    counted_from timestamptz,                  -- of the failure window
    calls        double precision not null,
    failures     double precision not null,
    unknowns     double precision not null,
    lease_owner  text,                         -- the worker that probes
    lease_from   timestamptz,
    lease_until  timestamptz,
    version      bigint           not null,
    check ((state = 'open') = (until is not null)),
    check ((state = 'open') = (ends_by is not null)),
    check ((lease_owner is null) = (lease_from is null)),
    check ((lease_owner is null) = (lease_until is null))
);
