package dev.gantry.delivery;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/**
 * A record on its way out, and what to send instead should the broker find it too large.
 *
 * @param smaller null: it has no smaller form
 */
record Outbound(OutboundRecord record, @Nullable Supplier<OutboundRecord> smaller) {}
