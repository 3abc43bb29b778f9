package dev.gantry.delivery;

import org.jspecify.annotations.Nullable;

/**
 * A record for the spool.
 *
 * @param setAside why the broker will never take it; null: it is to be published
 */
record SpoolEntry(OutboundRecord record, @Nullable String setAside) {
    /** A record of the spool, to be published. */
    record Stored(long id, int bytes, OutboundRecord record) {}
}
