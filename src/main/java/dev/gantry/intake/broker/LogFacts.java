package dev.gantry.intake.broker;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

import java.util.OptionalLong;

/**
 * What the broker says of one partition.
 *
 * @param topic id; {@link Uuid#ZERO_UUID} where the broker knows none
 * @param start the first offset that it still has
 * @param end the offset of its next record
 * @param initial where the user's policy begins; empty: nowhere
 * @param committed by the group; null: nothing
 */
public record LogFacts(
        Uuid topic,
        long start,
        long end,
        OptionalLong initial,
        @Nullable OffsetAndMetadata committed) {}
