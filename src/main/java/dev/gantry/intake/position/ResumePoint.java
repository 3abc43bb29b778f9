package dev.gantry.intake.position;

import dev.gantry.intake.broker.LogFacts;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.offset.OffsetBits;
import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.intake.offset.OffsetMapText;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;

/** Where a partition goes on, decided of what was known and what the broker says now. */
public sealed interface ResumePoint {
    /**
     * With what the map says; what is below the log's start by then was deleted.
     *
     * @param map at assignment what is done, while running nothing but the log's name
     */
    record GoOn(OffsetMap map) implements ResumePoint {}

    /** From the map's base; nothing that was known holds. */
    record StartOver(OffsetMap map, LogResets.Reason reason) implements ResumePoint {}

    /** Not at all, until somebody does something about it. */
    record Hold(String why) implements ResumePoint {}

    /**
     * At assignment: of what the group has committed.
     *
     * @param read the topic that this worker read before; with a deleted topic the broker forgets
     *     what was committed
     */
    static ResumePoint at(LogFacts facts, LogEpoch read) {
        OffsetAndMetadata committed = facts.committed();
        if (committed == null && read.strangerTo(facts.topic())) {
            return new StartOver(none(facts, facts.start()), LogResets.Reason.REMADE);
        }
        if (committed == null) {
            return facts.initial().isPresent()
                    ? new GoOn(none(facts, facts.initial().getAsLong()))
                    : new Hold(
                            "the group has no committed position, and auto.offset.reset is none");
        }
        return switch (OffsetMapText.read(committed.metadata(), committed.offset())) {
            case OffsetMapText.Reading.Known(OffsetMap map) -> of(map, facts);
            case OffsetMapText.Reading.Foreign _ -> of(OffsetMap.none(committed.offset()), facts);
            case OffsetMapText.Reading.Damaged(String why) ->
                    new Hold("the committed map of done offsets cannot be read: " + why);
        };
    }

    private static ResumePoint of(OffsetMap map, LogFacts facts) {
        if (map.lineage().strangerTo(facts.topic())) {
            // A new topic's records all came after the position was: none of them is read.
            return new StartOver(none(facts, facts.start()), LogResets.Reason.REMADE);
        }
        int epoch = map.lineage().epoch();
        // With an epoch, the consumer finds out where the log parted.
        OffsetMap there =
                epoch == LogEpoch.NO_EPOCH ? map.upTo(Math.max(map.base(), facts.end())) : map;
        return new GoOn(
                new OffsetMap(
                        there.base(),
                        there.top(),
                        there.incomplete(),
                        new LogEpoch(facts.topic(), epoch)));
    }

    /**
     * While running: the broker has nothing at the position.
     *
     * @param read the log that was read
     * @param position the next offset to be read
     */
    static ResumePoint outOfRange(LogEpoch read, long position, LogFacts facts) {
        if (read.strangerTo(facts.topic())) {
            return new StartOver(none(facts, facts.start()), LogResets.Reason.REMADE);
        }
        // With an epoch the broker says where the log parted, which the end now does not tell: more
        // may have been written since.
        if (position <= facts.end() || read.epoch() != LogEpoch.NO_EPOCH) {
            return new GoOn(none(facts, position));
        }
        return facts.initial().isPresent()
                ? new StartOver(
                        none(facts, facts.initial().getAsLong()), LogResets.Reason.TRUNCATED)
                : new Hold(
                        "the log ends at %d, below the position %d, and auto.offset.reset is none"
                                .formatted(facts.end(), position));
    }

    private static OffsetMap none(LogFacts facts, long offset) {
        Uuid topic = facts.topic();
        return new OffsetMap(
                offset, offset, new OffsetBits(offset), new LogEpoch(topic, LogEpoch.NO_EPOCH));
    }
}
