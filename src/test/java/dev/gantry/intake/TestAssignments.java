package dev.gantry.intake;

import dev.gantry.handover.Handover;
import dev.gantry.intake.broker.QuietBroker;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.SkippedRequests;
import dev.gantry.outbox.CompletedOffsets;

/** Partitions of a worker whose broker says nothing, and which keeps no positions in a table. */
final class TestAssignments {
    private TestAssignments() {}

    static OffsetCommitter committer(QuietBroker broker, IntakeSettings settings) {
        return new OffsetCommitter(
                CompletedOffsets.NONE, Handover.NONE, broker, settings.commitInterval(), 0);
    }

    static Assignments of(
            Dispatcher dispatcher,
            OffsetCommitter committer,
            QuietBroker broker,
            SkippedRequests skipped,
            IntakeSettings settings) {
        return new Assignments(
                new Departures.Means(dispatcher, committer, Handover.NONE, settings, () -> false),
                new CompletedLookup(
                        broker, CompletedOffsets.NONE, Handover.NONE, CompletedLookup.Pauses.USUAL),
                skipped,
                new LogResets());
    }
}
