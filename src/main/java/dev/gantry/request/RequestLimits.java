package dev.gantry.request;

import java.time.Duration;

/**
 * What a request may not exceed.
 *
 * @param maxSize bytes of the record's value
 * @param ttl deadline of a request that names none, from the record's timestamp
 */
public record RequestLimits(long maxSize, Duration ttl) {}
