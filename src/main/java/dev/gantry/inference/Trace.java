package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

/** The W3C trace context of the request record, as it came; baggage is never carried. */
public record Trace(@Nullable String traceparent, @Nullable String tracestate) {
    public static final Trace NONE = new Trace(null, null);
}
