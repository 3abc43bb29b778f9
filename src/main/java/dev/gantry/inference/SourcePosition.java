package dev.gantry.inference;

/**
 * Where a request record stands: what recognises a redelivery (never the request id).
 *
 * @param timestamp the record's timestamp, milliseconds since the epoch
 */
public record SourcePosition(String topic, int partition, long offset, long timestamp) {
    @Override
    public String toString() {
        return topic + "-" + partition + "@" + offset;
    }
}
