-- What sessions have spent, shared by the fleet. The row of a busy session is rewritten many times a second:
-- half of each page is kept free for that, and no index may name what changes more than once a day.
create table ${schema}.budget_session (
    id         text        primary key,         -- a hash of the two below
    customer   text        not null,            -- billing.customer, shortened
    session    text        not null,            -- session_id or batch_id, shortened
    spent      numeric     not null default 0,  -- USD: settled, or in doubt at the projection
    reserved   numeric     not null default 0,  -- USD: projections of calls that nobody has told the end of
    kept_until date        not null             -- in UTC: forgotten afterwards; moved on when it is used
) with (fillfactor = 50);
create index budget_session_kept_until on ${schema}.budget_session (kept_until);

-- One row for each call that a session's cap let through; it stays for a while once settled, so that an entry
-- that comes twice, or comes late, is known.
create table ${schema}.budget_reservation (
    id          text        primary key,        -- the attempt's, and which try of reserving for it
    session_id  text        not null,
    projected   numeric     not null,           -- USD
    in_doubt    boolean     not null default false,
    reserved_at timestamptz not null default clock_timestamp(),
    settled_at  timestamptz
);
create index budget_reservation_settled on ${schema}.budget_reservation (settled_at)
    where settled_at is not null;
create index budget_reservation_open on ${schema}.budget_reservation (reserved_at)
    where settled_at is null;

-- Books a worker's entries in one round trip, in their order, all or none. Sessions are locked by their keys'
-- order, so that two workers never wait for each other. An entry that was booked before changes nothing. The wait
-- for a row ends here as well: a worker that gives up leaves no connection waiting behind.
create function ${schema}.budget_book(
    sessions text[], customers text[], names text[],
    days     integer[],  -- that the session is kept unused
    deeds    text[],     -- reserve, settle, doubt
    ids      text[],     -- of the reservation
    amounts  numeric[],  -- reserve: projected; settle: cost
    limits   numeric[]   -- reserve: refused beyond; null: never
) returns table (entry bigint, granted boolean, spent_before numeric, reserved_before numeric)
language plpgsql as $$
declare
    today date := (clock_timestamp() at time zone 'UTC')::date;
    s ${schema}.budget_session;
    e record;
    r ${schema}.budget_reservation;
    kept date;
begin
    perform set_config('lock_timeout', '1500', true); -- milliseconds
    insert into ${schema}.budget_session (id, customer, session, kept_until)
        select distinct on (x.id) x.id, x.customer, x.name, today + x.most
        from unnest(sessions, customers, names, days, deeds) as x(id, customer, name, most, deed)
        where x.deed = 'reserve'
        order by x.id
        on conflict (id) do nothing;
    for s in select b.* from ${schema}.budget_session b where b.id = any(sessions) order by b.id for update loop
        for e in
            select x.*
            from unnest(sessions, days, deeds, ids, amounts, limits)
                with ordinality as x(session, days, deed, id, amount, most, n)
            where x.session = s.id
            order by x.n
        loop
            entry := e.n;
            kept := today + e.days;
            granted := true;
            spent_before := s.spent;
            reserved_before := s.reserved;
            r := null;
            select b.* into r from ${schema}.budget_reservation b where b.id = e.id;
            if e.deed = 'reserve' and r.id is null then
                granted := e.most is null or s.spent + s.reserved + e.amount <= e.most;
                if granted then
                    insert into ${schema}.budget_reservation (id, session_id, projected)
                        values (e.id, s.id, e.amount);
                    s.reserved := s.reserved + e.amount;
                end if;
            elsif e.deed = 'reserve' and r.settled_at is null and not r.in_doubt then
                reserved_before := s.reserved - r.projected;
            elsif e.deed = 'settle' and r.id is null then
                -- Should the reservation itself still be on its way, it comes too late.
                insert into ${schema}.budget_reservation (id, session_id, projected, settled_at)
                    values (e.id, s.id, 0, clock_timestamp());
            elsif e.deed = 'settle' and r.settled_at is null then
                if r.in_doubt then
                    s.spent := s.spent - r.projected;
                else
                    s.reserved := s.reserved - r.projected;
                end if;
                s.spent := s.spent + e.amount;
                update ${schema}.budget_reservation b set settled_at = clock_timestamp() where b.id = e.id;
            elsif e.deed = 'doubt' and r.settled_at is null and not r.in_doubt then
                s.reserved := s.reserved - r.projected;
                s.spent := s.spent + r.projected;
                update ${schema}.budget_reservation b set in_doubt = true where b.id = e.id;
            end if;
            return next;
        end loop;
        -- Refused again and again, it is not rewritten.
        update ${schema}.budget_session b
            set spent = s.spent, reserved = s.reserved, kept_until = kept
            where b.id = s.id and (b.spent, b.reserved, b.kept_until) is distinct from (s.spent, s.reserved, kept);
    end loop;
end
$$;
