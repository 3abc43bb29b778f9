package dev.gantry.outbox;

import dev.gantry.event.OutboundRecord;

import org.jspecify.annotations.Nullable;

import java.util.UUID;

/**
 * A record for the spool.
 *
 * @param ticket the same however often it is tried to be written
 * @param setAside why the broker will never take it; null: it is to be published
 */
record SpoolEntry(UUID ticket, OutboundRecord record, @Nullable String setAside) {
    /** A record of the spool, to be published. */
    record Stored(long id, int bytes, OutboundRecord record) {}
}
