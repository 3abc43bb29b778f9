-- Spend, waste, escalation, latency and what is not known, out of the metering topic. PostgreSQL 13 or later.
--
-- psql makes what is not there yet and loads what comes on its standard input, a record's value a line,
-- in any order and as often as it comes: the greatest version of an attempt wins. So repeat it at will:
--
-- java -jar gantry.jar export metering --from 2d | psql -f db/analytics/postgresql.sql
-- kcat -C -b broker:9092 -t gantry.metering -e -q | psql -f db/analytics/postgresql.sql

\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;

CREATE TABLE IF NOT EXISTS metering (
    attempt_id text PRIMARY KEY,
    version    bigint NOT NULL,
    body       jsonb  NOT NULL
);

BEGIN;
CREATE TEMPORARY TABLE metering_line (body jsonb NOT NULL) ON COMMIT DROP;
-- As CSV whose quote and delimiter no JSON holds: the other formats read backslashes themselves.
\copy metering_line FROM pstdin WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')
INSERT INTO metering (attempt_id, version, body)
SELECT DISTINCT ON (body ->> 'attempt_id') body ->> 'attempt_id', (body ->> 'version')::bigint, body
FROM metering_line
ORDER BY body ->> 'attempt_id', (body ->> 'version')::bigint DESC
ON CONFLICT (attempt_id) DO UPDATE SET version = EXCLUDED.version, body = EXCLUDED.body
WHERE metering.version < EXCLUDED.version;
COMMIT;

-- For a consumer of your own, one record's value; commit offsets after the transaction that loaded them:
-- INSERT INTO metering (attempt_id, version, body)
-- SELECT event ->> 'attempt_id', (event ->> 'version')::bigint, event FROM (SELECT CAST(? AS jsonb)) AS value (event)
-- ON CONFLICT (attempt_id) DO UPDATE SET version = EXCLUDED.version, body = EXCLUDED.body
-- WHERE metering.version < EXCLUDED.version;

-- One row per attempt. A null is not known, which is not 0.
CREATE OR REPLACE VIEW attempt AS
SELECT attempt_id,
       version,
       body ->> 'evidence'                                          AS evidence,
       body ->> 'execution'                                         AS execution,
       body ->> 'request_id'                                        AS request_id,
       (body ->> 'attempt_no')::integer                             AS attempt_no,
       body ->> 'attempt_kind'                                      AS attempt_kind,
       coalesce(nullif(trim(body #>> '{billing,customer}'), ''), nullif(trim(body #>> '{caller,identity}'), ''), 'anonymous') AS payer,
       body ->> 'model_requested'                                   AS model_requested,
       body ->> 'model_sent'                                        AS model,
       body ->> 'lane'                                              AS lane,
       body ->> 'outcome'                                           AS outcome,
       coalesce((body ->> 'selected')::boolean, false)              AS selected,
       (body ->> 'started_at')::timestamptz                         AS started_at,
       (body ->> 'expires_at')::timestamptz                         AS expires_at,
       (body ->> 'duration_ms')::bigint                             AS duration_ms,
       (body #>> '{usage,input_tokens}')::bigint                    AS input_tokens,
       (body #>> '{usage,output_tokens}')::bigint                   AS output_tokens,
       body #>> '{cost,state}'                                      AS cost_state,
       (body #>> '{cost,amount}')::numeric(38, 12)                  AS cost,
       (body #>> '{cost,upper_bound}')::numeric(38, 12)             AS upper_bound,
       body #>> '{price,missing_reason}'                            AS missing_reason
FROM metering;

-- What was spent: at least known, at most at_most, plus unbounded attempts that nobody can bound.
CREATE OR REPLACE VIEW spend AS
SELECT date_trunc('hour', started_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'  AS hour,
       payer,
       model,
       count(*)                                                              AS attempts,
       coalesce(sum(cost), 0)                                                AS known,
       coalesce(sum(greatest(coalesce(cost, 0), coalesce(upper_bound, 0))), 0) AS at_most,
       count(*) FILTER (WHERE cost_state IN ('unknown', 'estimated') AND upper_bound IS NULL) AS unbounded
FROM attempt
GROUP BY 1, 2, 3;

-- The same by day (UTC).
CREATE OR REPLACE VIEW daily AS
SELECT (hour AT TIME ZONE 'UTC')::date AS day,
       payer,
       model,
       sum(attempts)                   AS attempts,
       sum(known)                      AS known,
       sum(at_most)                    AS at_most,
       sum(unbounded)                  AS unbounded
FROM spend
GROUP BY 1, 2, 3;

-- What was paid for and not used.
CREATE OR REPLACE VIEW waste AS
SELECT lane,
       outcome,
       count(*)                                                              AS attempts,
       coalesce(sum(cost), 0)                                                AS known,
       coalesce(sum(greatest(coalesce(cost, 0), coalesce(upper_bound, 0))), 0) AS at_most
FROM attempt
WHERE NOT selected AND cost_state <> 'not_billable'
GROUP BY 1, 2;

-- How many deliveries of requests needed more than their first lane.
CREATE OR REPLACE VIEW escalation AS
SELECT model_requested,
       count(*)                                                              AS requests,
       count(*) FILTER (WHERE lanes > 1)                                     AS escalated,
       round(100.0 * count(*) FILTER (WHERE lanes > 1) / count(*), 2)        AS escalated_percent,
       sum(attempts)                                                         AS attempts
FROM (SELECT execution, min(model_requested) AS model_requested, count(DISTINCT lane) AS lanes, count(*) AS attempts
      FROM attempt
      GROUP BY execution) AS request
GROUP BY 1;

-- How long answers took.
CREATE OR REPLACE VIEW latency AS
SELECT lane,
       count(*)                                                  AS answers,
       percentile_disc(0.50) WITHIN GROUP (ORDER BY duration_ms) AS p50_ms,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms,
       max(duration_ms)                                          AS max_ms
FROM attempt
WHERE outcome = 'succeeded'
GROUP BY 1;

-- What was counted and has no price: add it to the price list.
CREATE OR REPLACE VIEW unpriced AS
SELECT lane,
       missing_reason,
       count(*)                        AS attempts,
       coalesce(sum(input_tokens), 0)  AS input_tokens,
       coalesce(sum(output_tokens), 0) AS output_tokens
FROM attempt
WHERE missing_reason IS NOT NULL
GROUP BY 1, 2;

-- Calls without an end so far: under way, or lost with their worker; from expires_at on they are in doubt.
CREATE OR REPLACE VIEW under_way_or_lost AS
SELECT attempt_id, request_id, payer, lane, started_at, expires_at, upper_bound
FROM attempt
WHERE evidence = 'dispatched' AND expires_at >= now();

-- Calls whose worker died: they may have been billed, at most upper_bound.
CREATE OR REPLACE VIEW in_doubt AS
SELECT attempt_id, request_id, payer, lane, started_at, upper_bound
FROM attempt
WHERE evidence = 'dispatched' AND expires_at < now();
