package dev.gantry.event;

import java.time.Duration;

/**
 * A spooled record that is gone for good.
 *
 * @param bytes of key, headers and value
 * @param age how long it stood there
 * @param setAside why it was not published
 */
public record DroppedRecord(long id, String topic, long bytes, Duration age, String setAside) {}
