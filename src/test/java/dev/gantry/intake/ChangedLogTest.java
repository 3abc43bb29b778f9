package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.SkippedRequests;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.Map;

/** The log under a worker is not the one it was: made anew, or shorter at one end. */
class ChangedLogTest {
    private static final int PARTITION = 0;

    private final CountedWork work = new CountedWork();
    private final String group = SharedBroker.unique("changed");

    @ParameterizedTest(name = "KIP-848: {0}")
    @ValueSource(booleans = {true, false})
    void aTopicMadeAnewUnderABusyWorkerIsReadFromItsBeginning(boolean kip848) throws Exception {
        work.hold(id -> id.startsWith("old") && id.endsWith("7"));
        try (Topic topic = Topic.create("remade", 1)) {
            topic.send(RequestLines.bare("old-", 400), 1);
            Member member = Member.join(topic.name(), group, work, kip848);
            Await.until(
                    "the old ones are in hand",
                    () -> work.done("old") == 360 && work.heldCount() == 40);
            Await.until("committed", () -> topic.committed(group, PARTITION).offset() == 7);

            topic.makeAnew(1);
            topic.send(RequestLines.bare("new-", 600), 1);

            Await.until("the new ones are done", () -> work.done("new") == 600);
            work.release();
            Await.until(
                    "all is committed", () -> topic.committed(group, PARTITION).offset() == 600);
            assertThat(work.repeated()).isEmpty();
            assertThat(work.done("old")).isEqualTo(400);
            assertThat(member.intake().logResets().count(LogResets.Reason.REMADE)).isPositive();
            member.leave();
        }
    }

    @ParameterizedTest(name = "KIP-848: {0}")
    @ValueSource(booleans = {true, false})
    void aTopicThatIsMissingForAWhileIsPickedUpAgain(boolean kip848) throws Exception {
        try (Topic topic = Topic.create("missing", 1)) {
            topic.send(RequestLines.bare("old-", 50), 1);
            Member member = Member.join(topic.name(), group, work, kip848);
            Await.until("the old ones are done", () -> work.done("old") == 50);

            topic.delete();
            Await.until("its absence is seen", () -> !member.intake().missingTopics().isEmpty());
            topic.makeAnew(1);
            topic.send(RequestLines.bare("new-", 20), 1);

            Await.until("the new ones are done", () -> work.done("new") == 20);
            assertThat(work.repeated()).isEmpty();
            Await.until("its presence is seen", () -> member.intake().missingTopics().isEmpty());
            member.leave();
        }
    }

    @ParameterizedTest(name = "{0} new ones")
    @ValueSource(ints = {30, 70})
    void aTopicMadeAnewWhileNobodyRanIsReadFromItsBeginning(int count) throws Exception {
        try (Topic topic = Topic.create("remade", 1)) {
            topic.send(RequestLines.bare("old-", 50), 1);
            Member member = Member.join(topic.name(), group, work, true);
            Await.until("committed", () -> topic.committed(group, PARTITION).offset() == 50);
            member.leave();
            OffsetAndMetadata old = topic.committed(group, PARTITION);
            topic.makeAnew(1);
            topic.send(RequestLines.bare("new-", count), 1);
            // As a worker that did not know yet leaves it behind.
            topic.commit(group, Map.of(PARTITION, old));

            Member next = Member.join(topic.name(), group, work, true);

            Await.until("the new ones are done", () -> work.done("new") == count);
            Await.until("committed", () -> topic.committed(group, PARTITION).offset() == count);
            assertThat(work.repeated()).isEmpty();
            next.leave();
        }
    }

    @Test
    void aPositionThatAnOperatorSetBackIsWorkedOnAgain() throws Exception {
        try (Topic topic = Topic.create("back", 1)) {
            topic.send(RequestLines.bare("old-", 50), 1);
            Member member = Member.join(topic.name(), group, work, true);
            Await.until("committed", () -> topic.committed(group, PARTITION).offset() == 50);
            member.leave();
            topic.commit(group, Map.of(PARTITION, new OffsetAndMetadata(20)));

            Member next = Member.join(topic.name(), group, work, true);

            Await.until("thirty are worked on again", () -> work.repeated().size() == 30);
            Await.until("committed", () -> topic.committed(group, PARTITION).offset() == 50);
            next.leave();
        }
    }

    @ParameterizedTest(name = "auto.offset.reset: {0}")
    @ValueSource(strings = {"earliest", "latest"})
    void whatWasDeletedUnreadIsCounted(String reset) throws Exception {
        try (Topic topic = Topic.create("deleted", 1)) {
            topic.send(RequestLines.bare("a-", 10), 1);
            Member member = Member.join(topic.name(), group, work, true);
            Await.until("ten are done", () -> topic.committed(group, PARTITION).offset() == 10);
            member.leave();
            topic.send(RequestLines.bare("b-", 40), 1);
            topic.deleteBefore(PARTITION, 40);

            Member next = joinBy(topic, Map.of("auto.offset.reset", reset));

            Await.until("the rest is done", () -> work.done("b") == 10);
            Await.until("committed", () -> topic.committed(group, PARTITION).offset() == 50);
            SkippedRequests skipped = next.intake().skipped();
            assertThat(skipped.count(SkippedRequests.Reason.DELETED)).isEqualTo(30);
            assertThat(skipped.places())
                    .containsExactly(
                            new SkippedRequests.Place(
                                    new TopicPartition(topic.name(), PARTITION),
                                    SkippedRequests.Reason.DELETED,
                                    30,
                                    10,
                                    39));
            next.leave();
        }
    }

    @Test
    void whatIsDeletedUnderASlowWorkerIsCountedOnce() throws Exception {
        work.hold(_ -> true);
        try (Topic topic = Topic.create("slow", 1)) {
            topic.send(RequestLines.bare("a-", 2_000), 1);
            // The client is to hold little that it has not handed over yet.
            Member member =
                    joinBy(
                            topic,
                            Map.of("max.partition.fetch.bytes", 1_024, "fetch.max.bytes", 1_024));
            Await.until("as much in hand as may be", () -> member.intake().full());

            topic.deleteBefore(PARTITION, 1_900);
            work.release();

            Await.until("committed", () -> topic.committed(group, PARTITION).offset() == 2_000);
            long skipped = member.intake().skipped().count(SkippedRequests.Reason.DELETED);
            assertThat(skipped).isPositive();
            assertThat(work.done("a") + skipped).isEqualTo(2_000);
            assertThat(work.repeated()).isEmpty();
            member.leave();
        }
    }

    @Test
    void gapsThatHoldNoRecordAreNoLoss() throws Exception {
        try (Topic topic = Topic.create("gaps", 1)) {
            for (int lot = 0; lot < 5; lot++) {
                topic.sendInTransaction(RequestLines.bare("lot-" + lot, 4));
            }
            Member member = joinBy(topic, Map.of("isolation.level", "read_committed"));

            Await.until("committed", () -> topic.committed(group, PARTITION).offset() == 25);
            assertThat(work.done("lot")).isEqualTo(20);
            assertThat(member.intake().skipped().places()).isEmpty();
            member.leave();
        }
    }

    /** Its consumer has these properties. */
    private Member joinBy(Topic topic, Map<String, Object> properties) {
        return Member.join(topic.name(), group, work, true, Duration.ofSeconds(5), properties);
    }
}
