-- The metering topic in Flink SQL, 1.20 or later, with the Kafka and JDBC connectors. A recipe: not
-- run in Gantry's build.
--
-- State must outlive the longest outage: an attempt whose state has expired counts again when its
-- next version comes. SET 'table.exec.state.ttl' = '35 d' is the topic's own retention.

SET 'table.exec.state.ttl' = '35 d';

CREATE TABLE metering (
    attempt_id      STRING,
    `version`       BIGINT,
    evidence        STRING,
    execution       STRING,
    request_id      STRING,
    caller          MAP<STRING, STRING>,
    billing         MAP<STRING, STRING>,
    model_requested STRING,
    model_sent      STRING,
    lane            STRING,
    outcome         STRING,
    selected        BOOLEAN,
    started_at      TIMESTAMP_LTZ(3),
    expires_at      TIMESTAMP_LTZ(3),
    duration_ms     BIGINT,
    cost            ROW<amount STRING, `state` STRING, upper_bound STRING>,
    price           ROW<missing_reason STRING>
) WITH (
    'connector' = 'kafka', 'topic' = 'gantry.metering', 'properties.bootstrap.servers' = 'broker:9092',
    'properties.group.id' = 'flink', 'properties.isolation.level' = 'read_committed',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601', 'json.ignore-parse-errors' = 'false'
);

-- The greatest version of each attempt; the planner knows this form as a deduplication.
CREATE VIEW attempt AS
SELECT attempt_id, evidence, execution, request_id,
       COALESCE(billing['customer'], caller['identity'], 'anonymous') AS payer,
       model_requested, model_sent AS model, lane, outcome, COALESCE(selected, FALSE) AS selected,
       started_at, expires_at, duration_ms,
       cost.`state` AS cost_state,
       CAST(cost.amount AS DECIMAL(38, 12)) AS cost,
       CAST(cost.upper_bound AS DECIMAL(38, 12)) AS upper_bound,
       price.missing_reason AS missing_reason
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY attempt_id ORDER BY `version` DESC) AS place FROM metering)
WHERE place = 1;

CREATE TABLE spend (
    `hour`    TIMESTAMP_LTZ(3),
    payer     STRING,
    model     STRING,
    attempts  BIGINT,
    known     DECIMAL(38, 12),
    at_most   DECIMAL(38, 12),
    unbounded BIGINT,
    PRIMARY KEY (`hour`, payer, model) NOT ENFORCED
) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://database/analytics', 'table-name' = 'spend');

INSERT INTO spend
SELECT FLOOR(started_at TO HOUR), payer, model, COUNT(*),
       SUM(COALESCE(cost, 0)),
       SUM(GREATEST(COALESCE(cost, 0), COALESCE(upper_bound, 0))),
       COUNT(*) FILTER (WHERE cost_state IN ('unknown', 'estimated') AND upper_bound IS NULL)
FROM attempt
GROUP BY FLOOR(started_at TO HOUR), payer, model;

-- The others likewise: what was not used ...
SELECT lane, outcome, COUNT(*) AS attempts, SUM(COALESCE(cost, 0)) AS known
FROM attempt WHERE NOT selected AND cost_state <> 'not_billable' GROUP BY lane, outcome;

-- ... how many deliveries needed more than their first lane ...
SELECT model_requested, COUNT(*) AS requests, COUNT(*) FILTER (WHERE lanes > 1) AS escalated
FROM (SELECT execution, MIN(model_requested) AS model_requested, COUNT(DISTINCT lane) AS lanes FROM attempt GROUP BY execution)
GROUP BY model_requested;

-- ... what has no price, and which calls' worker died.
SELECT lane, missing_reason, COUNT(*) AS attempts FROM attempt WHERE missing_reason IS NOT NULL GROUP BY lane, missing_reason;
SELECT attempt_id, request_id, payer, lane, started_at, upper_bound FROM attempt WHERE evidence = 'dispatched' AND expires_at < CURRENT_TIMESTAMP;
