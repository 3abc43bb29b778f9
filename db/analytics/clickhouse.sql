-- The metering topic in ClickHouse, 24.3 or later. A recipe: not run in Gantry's build.
--
-- Everything in ORDER BY and PARTITION BY is the same in every version of an attempt, so that a
-- later version replaces an earlier one. No SummingMergeTree on the raw stream: it would add
-- duplicates and versions up. The Kafka engine delivers at least once, which changes nothing here.

CREATE TABLE metering_queue (body String)
ENGINE = Kafka
SETTINGS kafka_broker_list = 'broker:9092', kafka_topic_list = 'gantry.metering', kafka_group_name = 'clickhouse',
         kafka_format = 'JSONAsString', kafka_handle_error_mode = 'stream';

CREATE TABLE metering (
    attempt_id      String,
    version         UInt64,
    evidence        LowCardinality(String),
    execution       String,
    request_id      String,
    attempt_no      UInt32,
    payer           String,
    model_requested LowCardinality(String),
    model           LowCardinality(String),
    lane            LowCardinality(String),
    outcome         LowCardinality(String),
    selected        Bool,
    started_at      DateTime64(3, 'UTC'),
    expires_at      Nullable(DateTime64(3, 'UTC')),
    duration_ms     Nullable(UInt64),
    input_tokens    Nullable(UInt64),
    output_tokens   Nullable(UInt64),
    cost_state      LowCardinality(String),
    cost            Nullable(Decimal(38, 12)),
    upper_bound     Nullable(Decimal(38, 12)),
    missing_reason  Nullable(String)
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(started_at)
ORDER BY (toDate(started_at), attempt_id);

-- OrNull throughout: what cannot be read is not known, and never 0.
CREATE MATERIALIZED VIEW metering_reader TO metering AS
SELECT JSONExtractString(body, 'attempt_id')                                   AS attempt_id,
       JSONExtractUInt(body, 'version')                                        AS version,
       JSONExtractString(body, 'evidence')                                     AS evidence,
       JSONExtractString(body, 'execution')                                    AS execution,
       JSONExtractString(body, 'request_id')                                   AS request_id,
       toUInt32(JSONExtractUInt(body, 'attempt_no'))                           AS attempt_no,
       coalesce(JSONExtract(body, 'billing', 'customer', 'Nullable(String)'),
                JSONExtract(body, 'caller', 'identity', 'Nullable(String)'), 'anonymous') AS payer,
       JSONExtractString(body, 'model_requested')                              AS model_requested,
       JSONExtractString(body, 'model_sent')                                   AS model,
       JSONExtractString(body, 'lane')                                         AS lane,
       JSONExtractString(body, 'outcome')                                      AS outcome,
       JSONExtractBool(body, 'selected')                                       AS selected,
       parseDateTime64BestEffort(JSONExtractString(body, 'started_at'), 3, 'UTC') AS started_at,
       parseDateTime64BestEffortOrNull(JSONExtractString(body, 'expires_at'), 3, 'UTC') AS expires_at,
       JSONExtract(body, 'duration_ms', 'Nullable(UInt64)')                    AS duration_ms,
       JSONExtract(body, 'usage', 'input_tokens', 'Nullable(UInt64)')          AS input_tokens,
       JSONExtract(body, 'usage', 'output_tokens', 'Nullable(UInt64)')         AS output_tokens,
       JSONExtractString(body, 'cost', 'state')                                AS cost_state,
       toDecimal128OrNull(JSONExtractString(body, 'cost', 'amount'), 12)       AS cost,
       toDecimal128OrNull(JSONExtractString(body, 'cost', 'upper_bound'), 12)  AS upper_bound,
       JSONExtract(body, 'price', 'missing_reason', 'Nullable(String)')        AS missing_reason
FROM metering_queue
WHERE length(_error) = 0;

-- What was spent, by hour, payer and model; FINAL reads the greatest version of each attempt.
SELECT toStartOfHour(started_at) AS hour, payer, model,
       count()                                                         AS attempts,
       sum(ifNull(cost, 0))                                            AS known,
       sum(greatest(ifNull(cost, 0), ifNull(upper_bound, 0)))          AS at_most,
       countIf(cost_state IN ('unknown', 'estimated') AND upper_bound IS NULL)         AS unbounded
FROM metering FINAL
GROUP BY hour, payer, model
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- The same by day.
SELECT toDate(started_at) AS day, payer, model, count() AS attempts, sum(ifNull(cost, 0)) AS known,
       sum(greatest(ifNull(cost, 0), ifNull(upper_bound, 0)))          AS at_most
FROM metering FINAL
GROUP BY day, payer, model;

-- What was paid for and not used.
SELECT lane, outcome, count() AS attempts, sum(ifNull(cost, 0)) AS known,
       sum(greatest(ifNull(cost, 0), ifNull(upper_bound, 0))) AS at_most
FROM metering FINAL
WHERE NOT selected AND cost_state != 'not_billable'
GROUP BY lane, outcome;

-- How many deliveries of requests needed more than their first lane.
SELECT model_requested, count() AS requests, countIf(lanes > 1) AS escalated,
       round(100 * escalated / requests, 2) AS escalated_percent
FROM (SELECT execution, min(model_requested) AS model_requested, uniqExact(lane) AS lanes
      FROM metering FINAL GROUP BY execution)
GROUP BY model_requested;

-- How long answers took.
SELECT lane, count() AS answers, quantileExact(0.5)(duration_ms) AS p50_ms, quantileExact(0.95)(duration_ms) AS p95_ms
FROM metering FINAL
WHERE outcome = 'succeeded'
GROUP BY lane;

-- What has no price, calls under way or lost, and those that are in doubt since.
SELECT lane, missing_reason, count() AS attempts FROM metering FINAL WHERE missing_reason IS NOT NULL GROUP BY lane, missing_reason;
SELECT attempt_id, request_id, payer, lane, started_at, upper_bound FROM metering FINAL WHERE evidence = 'dispatched' AND expires_at >= now64(3);
SELECT attempt_id, request_id, payer, lane, started_at, upper_bound FROM metering FINAL WHERE evidence = 'dispatched' AND expires_at < now64(3);
