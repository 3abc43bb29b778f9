-- The lanes that a worker offers, and what it has to do with each: [{"lane", "in_flight", "waiting", "per_second"}].
-- Written with the heartbeat when it changes; null: a worker of the release before, which records none.
alter table ${schema}.worker add column lanes jsonb;
