package dev.gantry.config.broker;

import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * Fits Gantry's defaults of the producer around what the user set, and finds what contradicts
 * itself or a promise. The Kafka client alone would end with a stack trace.
 */
final class ProducerKeys {
    private static final String ACKS = ProducerConfig.ACKS_CONFIG;
    private static final String IDEMPOTENCE = ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG;
    private static final String RETRIES = ProducerConfig.RETRIES_CONFIG;
    private static final String IN_FLIGHT = ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION;
    private static final String LINGER = ProducerConfig.LINGER_MS_CONFIG;
    private static final String REQUEST = ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG;
    private static final String DELIVERY = ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG;

    private static final String BATCH = ProducerConfig.BATCH_SIZE_CONFIG;

    /** The client's own, in bytes. */
    private static final int SHIPPED_BUFFER = 32 << 20;

    private static final int SHIPPED_BATCH = 16 << 10;

    /** More would lose the order that idempotence needs. */
    private static final int MOST_IN_FLIGHT = 5;

    private static final long LINGER_DEFAULT = 5;

    private final KafkaKeys keys;
    private final Map<String, Object> properties;

    /**
     * @param properties what the user set; completed in place
     */
    ProducerKeys(KafkaKeys keys, Map<String, Object> properties) {
        this.keys = keys;
        this.properties = properties;
    }

    /** Acknowledged by all and each once, unless the user wants less. */
    void reliable() {
        Object given = properties.putIfAbsent(ACKS, "all");
        if (given != null) {
            acks(String.valueOf(given).strip());
        }
        if (properties.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG) != null) {
            keys.notice(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "left out: no transactions here");
        }
        String against = againstIdempotence();
        Object wanted = properties.get(IDEMPOTENCE);
        if (wanted == null) {
            properties.put(IDEMPOTENCE, against == null);
        } else if (against != null && Boolean.parseBoolean(String.valueOf(wanted).strip())) {
            keys.mistake(IDEMPOTENCE, wanted, "false with " + against);
        }
    }

    private void acks(String acks) {
        switch (acks) {
            case "0" ->
                    keys.mistake(
                            ACKS, acks, "all, or 1; with 0 nobody hears what the broker refused");
            case "1" ->
                    keys.notice(
                            ACKS, "1: what only a leader has is lost with it; all is the default");
            default -> {} // all, or the client names it
        }
    }

    private @Nullable String againstIdempotence() {
        String acks = String.valueOf(properties.get(ACKS)).strip();
        if (!List.of("all", "-1").contains(acks)) {
            return "acks=" + acks;
        }
        Long retries = keys.number(properties, RETRIES);
        if (retries != null && retries == 0) {
            return "retries=0";
        }
        Long inFlight = keys.number(properties, IN_FLIGHT);
        return inFlight != null && inFlight > MOST_IN_FLIGHT ? IN_FLIGHT + "=" + inFlight : null;
    }

    /**
     * Room for the largest record.
     *
     * @param record bytes that a record may have
     * @param buffer bytes of all that waits
     */
    void sizes(int record, long buffer) {
        String size = ProducerConfig.MAX_REQUEST_SIZE_CONFIG;
        Long givenBuffer = keys.number(properties, ProducerConfig.BUFFER_MEMORY_CONFIG);
        if (!properties.containsKey(size)) {
            // The client refuses a record that exceeds its whole buffer, whatever this says.
            long most = givenBuffer == null ? record : Math.min(record, givenBuffer);
            properties.put(size, (int) Math.max(0, most));
        }
        Long largest = keys.number(properties, size);
        properties.putIfAbsent(
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                Math.max(buffer, 2 * (largest == null ? record : largest)));
        batches();
    }

    /** The client takes a whole batch for each partition, and throws where not even one fits. */
    private void batches() {
        Long buffer = keys.number(properties, ProducerConfig.BUFFER_MEMORY_CONFIG);
        Long batch = keys.number(properties, BATCH);
        if (buffer != null && batch != null && batch > buffer) {
            keys.mistake(BATCH, batch, "at most buffer.memory (%d)".formatted(buffer));
        } else if (buffer != null && buffer < SHIPPED_BUFFER) {
            properties.putIfAbsent(BATCH, Math.clamp(buffer, 0, SHIPPED_BATCH));
        }
    }

    /**
     * Times that fit each other: whoever gives up on a record has asked at least once.
     *
     * @param request ms for one answer
     * @param delivery ms until a record has failed
     */
    void times(long request, long delivery) {
        Long givenRequest = keys.number(properties, REQUEST);
        Long givenDelivery = keys.number(properties, DELIVERY);
        Long givenLinger = keys.number(properties, LINGER);
        if (properties.containsKey(DELIVERY) && givenDelivery == null) {
            return; // no number: the client says so
        }
        long linger = givenLinger == null ? LINGER_DEFAULT : givenLinger;
        if (givenDelivery == null) {
            long fitting = Math.max(0, givenRequest == null ? request : givenRequest) + linger;
            long longest = Math.max(delivery, fitting);
            properties.put(DELIVERY, (int) Math.min(Integer.MAX_VALUE, longest));
            properties.putIfAbsent(REQUEST, (int) request);
            return;
        }
        if (givenLinger == null) {
            linger =
                    Math.clamp(
                            givenDelivery - (givenRequest == null ? 1 : givenRequest), 0, linger);
            properties.put(LINGER, (int) linger);
        }
        if (givenRequest == null) {
            properties.put(REQUEST, (int) Math.clamp(givenDelivery - linger, 0, request));
        }
        long least = linger + (givenRequest == null ? 0 : givenRequest);
        if (givenDelivery < least) {
            keys.mistake(
                    DELIVERY,
                    givenDelivery,
                    "at least linger.ms and request.timeout.ms together (%d)".formatted(least));
        }
    }
}
