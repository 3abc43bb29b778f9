package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

/**
 * The W3C trace context of the request record; baggage is never carried.
 *
 * @param traceparent 55 characters, of version 00
 * @param tracestate at most 512 characters
 */
public record Trace(@Nullable String traceparent, @Nullable String tracestate) {
    public static final Trace NONE = new Trace(null, null);
}
