package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/** Members come and go over random traffic; {@code -Dstorm.seed=N} replays a run. */
class RebalanceStormTest {
    private static final int PARTITIONS = 6;
    private static final int ROUNDS = 6;
    private static final int PER_ROUND = 300;

    @ParameterizedTest(name = "KIP-848: {0}")
    @ValueSource(booleans = {true, false})
    void membersComeAndGoWithoutLossOrRepeats(boolean kip848) throws Exception {
        long seed = Long.getLong("storm.seed", System.nanoTime());
        System.out.println("storm.seed=" + seed + " KIP-848=" + kip848);
        Random random = new Random(seed);
        String group = SharedBroker.unique("storm");
        FakeWork work = new FakeWork(request -> duration(request.customId(), seed));
        Deque<Member> members = new ArrayDeque<>();
        List<RecordMetadata> sent = new ArrayList<>();

        try (Topic topic = Topic.create("storm", PARTITIONS)) {
            Guarantees committed = new Guarantees.NoCommitPastUnfinished(topic, group, work);
            members.add(Member.join(topic.name(), group, work, kip848));
            for (int round = 0; round < ROUNDS; round++) {
                sent.addAll(topic.send(requests(round), PARTITIONS));
                if (members.size() < 2 || (members.size() < 4 && random.nextBoolean())) {
                    members.add(Member.join(topic.name(), group, work, kip848));
                } else {
                    members.remove().leave();
                }
                int goal = sent.size() - random.nextInt(PER_ROUND);
                Await.until("most of round " + round + " done", () -> work.doneCount() >= goal);
                committed.check();
            }
            Await.until("all done", () -> work.doneCount() == sent.size());
            for (Member member : members) {
                member.leave();
            }

            committed.check();
            new Guarantees.NoLoss(sent, work).check();
            // Every grace outlasts the longest call, so nothing that ended is repeated.
            new Guarantees.BoundedRepeats(work, 0).check();
            assertThat(watermarks(topic, group)).isEqualTo(ends(sent));
        }
    }

    private static Map<Integer, Long> watermarks(Topic topic, String group) throws Exception {
        Map<Integer, Long> watermarks = new ConcurrentHashMap<>();
        topic.committed(group)
                .forEach(
                        (partition, offset) ->
                                watermarks.put(partition.partition(), offset.offset()));
        return watermarks;
    }

    private static Map<Integer, Long> ends(List<RecordMetadata> sent) {
        Map<Integer, Long> ends = new ConcurrentHashMap<>();
        sent.forEach(each -> ends.merge(each.partition(), each.offset() + 1, Math::max));
        return ends;
    }

    /** Mostly short, with a tail; a function of the request, so that a replay is alike. */
    private static Duration duration(String customId, long seed) {
        Random random = new Random(seed ^ customId.hashCode());
        return random.nextInt(100) < 2
                ? Duration.ofMillis(500 + random.nextInt(1_500))
                : Duration.ofMillis(random.nextInt(60));
    }

    private static List<byte[]> requests(int round) {
        List<byte[]> requests = new ArrayList<>();
        for (int each = 0; each < PER_ROUND; each++) {
            requests.add(
                    "{\"custom_id\":\"r%d-%d\",\"body\":{\"model\":\"m\"}}"
                            .formatted(round, each)
                            .getBytes(StandardCharsets.UTF_8));
        }
        return requests;
    }
}
