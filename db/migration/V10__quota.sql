-- What the fleet may do on an instance (provider:instance) or on a lane (provider:instance:type:model).
create table ${schema}.quota (
    scope     text             not null,
    dimension text             not null,             -- requests-per-minute, tokens-per-minute, max-concurrent
    "limit"   double precision not null check ("limit" > 0),
    source    text             not null,             -- configured, header, learnt
    reset_at  timestamptz,                           -- forgotten then, unless told again; null: configured
    primary key (scope, dimension)
);

-- Who has which share of it: a row for each worker that wants the scope, renewed with the heartbeat. Rewritten
-- every two seconds: half of each page is kept free for that, and no index names what changes.
create table ${schema}.quota_share (
    scope      text             not null,
    worker     text             not null,
    demand     double precision not null,            -- distinct requests that want the scope, smoothed
    share      double precision not null,            -- of what a minute brings, 0 to 1
    calls      integer          not null,            -- of what may be under way at once
    lacking    boolean          not null,            -- whether it would have more, but others have it yet
    renewed_at timestamptz      not null default clock_timestamp(),
    primary key (scope, worker)
) with (fillfactor = 50);

-- Renews a worker's shares in one round trip, scope by scope under a lock, so that the shares of a scope never come
-- to more than the whole: it has at once what it gives back, and of what it wishes only what nobody has. Of a
-- worker that is silent a quarter is kept, with which it goes on, and all calls. Without demand its row goes. The others are told
-- where somebody has come to lack what they have, or has given back what somebody lacks. Answers with all rows of
-- the scopes.
create function ${schema}.quota_renew(
    me          text,
    scopes      text[],
    demands     double precision[],
    wishes      double precision[],  -- shares
    wished      integer[],           -- calls at once
    under_way   integer[],           -- calls: they are not given back
    call_limits integer[],           -- null: there is none
    silence     double precision,    -- seconds
    channel     text,
    payload     text
) returns table (scope text, worker text, demand double precision, share double precision, calls integer,
                 lacking boolean, live boolean, read_at timestamptz)
language plpgsql as $$
#variable_conflict use_column
declare
    x record;
    old ${schema}.quota_share;
    others record;
    given double precision;
    given_calls integer;
    lacks boolean;
    tell boolean := false;
begin
    perform set_config('lock_timeout', '1500', true); -- milliseconds
    for x in
        select * from unnest(scopes, demands, wishes, wished, under_way, call_limits)
            as u(scope, demand, wish, wished, under_way, call_limit)
        order by u.scope
    loop
        perform pg_advisory_xact_lock(hashtextextended('${schema} quota ' || x.scope, 0));
        old := null;
        select q.* into old from ${schema}.quota_share q where q.scope = x.scope and q.worker = me;
        select coalesce(sum(case when alive then q.share else q.share / 4 end), 0) as share,
               coalesce(sum(q.calls), 0) as calls, -- those under way do not end with a lease
               coalesce(bool_or(alive and q.lacking), false) as lacking
            into others
            from ${schema}.quota_share q,
                 lateral (select q.renewed_at > clock_timestamp() - make_interval(secs => silence) as alive)
            where q.scope = x.scope and q.worker <> me;
        if x.demand <= 0 then
            delete from ${schema}.quota_share q where q.scope = x.scope and q.worker = me;
            tell := tell or (old.worker is not null and others.lacking);
            continue;
        end if;
        given := least(x.wish, greatest(0, 1 - others.share));
        given_calls := case when x.call_limit is null then 0
            else greatest(x.under_way, least(x.wished, greatest(0, x.call_limit - others.calls))) end;
        lacks := given < x.wish * 0.9 or (x.call_limit is not null and given_calls < x.wished);
        tell := tell or (lacks and not coalesce(old.lacking, false))
            or (others.lacking and (given < old.share * 0.95 or given_calls < old.calls));
        insert into ${schema}.quota_share as q (scope, worker, demand, share, calls, lacking)
            values (x.scope, me, x.demand, given, given_calls, lacks)
            on conflict (scope, worker) do update set
                demand = excluded.demand, share = excluded.share, calls = excluded.calls,
                lacking = excluded.lacking, renewed_at = clock_timestamp();
    end loop;
    if tell then
        perform pg_notify(channel, payload);
    end if;
    return query
        select q.scope, q.worker, q.demand, q.share, q.calls, q.lacking,
               q.renewed_at > clock_timestamp() - make_interval(secs => silence), clock_timestamp()
        from ${schema}.quota_share q where q.scope = any(scopes);
end
$$;
