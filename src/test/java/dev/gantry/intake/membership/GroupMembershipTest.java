package dev.gantry.intake.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.handover.Handover;
import dev.gantry.intake.HeldWork;
import dev.gantry.intake.Intake;
import dev.gantry.outbox.CompletedOffsets;
import dev.gantry.request.RequestDecoderTest;
import dev.gantry.request.RequestTopics;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/** How long a worker has been turned away, as liveness counts it. */
class GroupMembershipTest {
    /** A rebalance that others hold up may take longer than liveness has patience. */
    @Test
    void aMemberThatMayBeSilentIsRefusedNothing() {
        GroupMembership membership = new GroupMembership();
        membership.absent("no heartbeat to the group for 30 s");
        long begun = System.nanoTime();
        membership.mayBeSilent();
        Duration refused = membership.refusedFor();

        assertThat(refused).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - begun));
        assertThat(membership.reason()).contains("no heartbeat to the group for 30 s");
    }

    /**
     * Whoever waited for its broker or database before it began was refused by nobody meanwhile.
     */
    @Test
    void whatWasWaitedForBeforeTheStartIsNoRefusal() {
        Intake intake =
                new Intake(
                        RequestDecoderTest.settings(),
                        RequestTopics.plain("requests"),
                        new HeldWork(),
                        () -> 0,
                        new Intake.Shared(CompletedOffsets.NONE, Handover.NONE),
                        InstantSource.system());
        long begun = System.nanoTime();
        try {
            // No broker there: what is asked for is asked in vain, as long as the test takes.
            intake.start(
                    Map.of(
                            "bootstrap.servers", "127.0.0.1:1",
                            "key.deserializer", ByteArrayDeserializer.class,
                            "value.deserializer", ByteArrayDeserializer.class),
                    true,
                    () -> {});
            Duration refused = intake.refusedFor();
            Duration idle = intake.sinceLastPoll().orElseThrow();
            Duration sinceBegun = Duration.ofNanos(System.nanoTime() - begun);

            assertThat(refused).isLessThanOrEqualTo(sinceBegun);
            assertThat(idle).isLessThanOrEqualTo(sinceBegun);
            assertThat(intake.noMember()).contains("not joined yet");
        } finally {
            intake.stop();
        }
    }
}
