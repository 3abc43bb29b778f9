package dev.gantry.config.broker;

import org.apache.kafka.clients.consumer.ConsumerConfig;

import java.util.Map;

/** Fits Gantry's defaults of the consumer around what the user set. */
final class ConsumerKeys {
    private static final String SESSION = ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG;
    private static final String HEARTBEAT = ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG;

    /** What classic members ask for; the intake's choice of protocol says why. */
    private static final long SESSION_DEFAULT = 20_000;

    private static final long HEARTBEAT_DEFAULT = 3_000;

    /** Heartbeats that a session outlives, as the client recommends. */
    private static final int BEATS = 3;

    private ConsumerKeys() {}

    /**
     * Completes in place.
     *
     * @param properties what the user set
     * @param group the consumer group of the workers
     */
    static void complete(KafkaKeys keys, Map<String, Object> properties, String group) {
        Object auto = properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        if (auto != null && Boolean.parseBoolean(String.valueOf(auto).strip())) {
            keys.notice(
                    ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                    "left out: a request's offset is committed once its result is safe");
        }
        Object given = properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
        if (given != null && !given.equals(group)) {
            keys.notice(
                    ConsumerConfig.GROUP_ID_CONFIG,
                    "left out: the group is gantry.worker.group (%s)".formatted(group));
        }
        if (properties.remove(ConsumerConfig.GROUP_PROTOCOL_CONFIG) != null) {
            keys.notice(
                    ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                    "left out: gantry.worker.group-protocol says it");
        }
        session(keys, properties);
    }

    /** For the classic protocol; with the other the broker decides. */
    private static void session(KafkaKeys keys, Map<String, Object> properties) {
        Long session = keys.number(properties, SESSION);
        Long heartbeat = keys.number(properties, HEARTBEAT);
        if (session != null && heartbeat == null && session <= HEARTBEAT_DEFAULT) {
            properties.put(HEARTBEAT, (int) Math.max(1, session / BEATS));
        } else if (session == null && heartbeat != null && BEATS * heartbeat > SESSION_DEFAULT) {
            properties.put(SESSION, (int) Math.min(Integer.MAX_VALUE, BEATS * heartbeat));
        } else if (session != null && heartbeat != null && heartbeat >= session) {
            keys.mistake(
                    HEARTBEAT, heartbeat, "less than session.timeout.ms (%d)".formatted(session));
        }
    }
}
