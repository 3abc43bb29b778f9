package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.SourcePosition;
import dev.gantry.intake.position.PartitionState;
import dev.gantry.request.RequestTopic;
import dev.gantry.request.RequestTopics;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One group reads several topics, each with offsets of its own. */
@Timeout(120)
class SeveralTopicsTest {
    private final HeldWork work = new HeldWork();

    @ParameterizedTest(name = "by the consumer protocol: {0}")
    @ValueSource(booleans = {true, false})
    void whatIsDoneOfEachIsRememberedAcrossARestart(boolean kip848) throws Exception {
        String group = SharedBroker.unique("two");
        try (Topic urgent = Topic.create("urgent", 1);
                Topic bulk = Topic.create("bulk", 1)) {
            urgent.send(RequestLines.bare("u-", 4), 1);
            bulk.send(RequestLines.bare("b-", 4), 1);
            RequestTopics topics = RequestTopics.plain(urgent.name(), bulk.name());

            Member first = Member.join(topics, group, work, kip848);
            Await.until("all taken", () -> work.count() == 8);
            work.complete(urgent.name(), 0, 0);
            work.complete(urgent.name(), 0, 2);
            work.complete(bulk.name(), 0, 3);
            first.leave();
            HeldWork again = new HeldWork();
            Member second = Member.join(topics, group, again, kip848);

            Await.until("the rest is taken again", () -> again.count() == 5);
            assertThat(
                            Stream.of(
                                    at(urgent, 1),
                                    at(urgent, 3),
                                    at(bulk, 0),
                                    at(bulk, 1),
                                    at(bulk, 2)))
                    .allMatch(each -> again.holds(each.topic(), each.partition(), each.offset()));
            assertThat(second.intake().partitions())
                    .extracting(PartitionState::topic)
                    .containsExactlyInAnyOrder(urgent.name(), bulk.name());
            second.intake().stop();
        }
    }

    @Test
    void oneThatIsMissingIsWaitedForAndTheOtherGoesOn() throws Exception {
        String late = SharedBroker.unique("late");
        try (Topic urgent = Topic.create("urgent", 1);
                Admin admin =
                        Admin.create(
                                Map.of("bootstrap.servers", SharedBroker.bootstrapServers()))) {
            urgent.send(RequestLines.bare("u-", 2), 1);
            Member member =
                    Member.join(
                            RequestTopics.plain(urgent.name(), late),
                            SharedBroker.unique("late"),
                            work,
                            true);

            Await.until(
                    "its absence is seen", () -> member.intake().missingTopics().contains(late));
            Await.until("the other is taken", () -> work.count() == 2);
            Topic.make(admin, List.of(new NewTopic(late, 1, (short) 1)));

            Await.until("it is read", () -> member.intake().partitions().size() == 2);
            Await.until("its presence is seen", () -> member.intake().missingTopics().isEmpty());
            member.intake().stop();
        }
    }

    @ParameterizedTest(name = "by the consumer protocol: {0}")
    @ValueSource(booleans = {true, false})
    void topicsComeAndGoWhileTheWorkerRuns(boolean kip848) throws Exception {
        String group = SharedBroker.unique("reloaded");
        try (Topic stays = Topic.create("stays", 1);
                Topic goes = Topic.create("goes", 1);
                Topic comes = Topic.create("comes", 1)) {
            goes.send(RequestLines.bare("g-", 2), 1);
            comes.send(RequestLines.bare("c-", 2), 1);
            RequestTopics topics = RequestTopics.plain(stays.name(), goes.name());
            Member member = Member.join(topics, group, work, kip848);
            Await.until("taken", () -> work.count() == 2);
            work.complete(goes.name(), 0, 0);

            topics.replace(Stream.of(stays.name(), comes.name()).map(RequestTopic::plain).toList());

            Await.until("the new one is read", () -> work.count() == 3);
            Await.until(
                    "the old one is given up",
                    () ->
                            member.intake().partitions().stream()
                                    .noneMatch(each -> each.topic().equals(goes.name())));
            assertThat(goes.committed(group, 0).offset()).isEqualTo(1);
            member.intake().stop();
        }
    }

    /** Else a share would mean nothing on a worker that has one topic alone. */
    @Test
    void eachMemberGetsItsPartOfEachTopic() throws Exception {
        String group = SharedBroker.unique("parts");
        try (Topic urgent = Topic.create("urgent", 4);
                Topic bulk = Topic.create("bulk", 4)) {
            RequestTopics topics = RequestTopics.plain(urgent.name(), bulk.name());
            Member one = Member.join(topics, group, work, true);
            Member other = Member.join(topics, group, work, true);

            Await.until(
                    "both have two of each",
                    () -> hasOfEach(one, urgent, bulk) && hasOfEach(other, urgent, bulk));
            one.intake().stop();
            other.intake().stop();
        }
    }

    private static boolean hasOfEach(Member member, Topic... topics) {
        return Stream.of(topics)
                .allMatch(
                        topic ->
                                member.intake().partitions().stream()
                                                .filter(each -> each.topic().equals(topic.name()))
                                                .count()
                                        == 2);
    }

    private static SourcePosition at(Topic topic, long offset) {
        return new SourcePosition(topic.name(), 0, offset, 0);
    }
}
