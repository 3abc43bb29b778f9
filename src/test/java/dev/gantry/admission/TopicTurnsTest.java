package dev.gantry.admission;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;

/** Deficit round robin by itself: whatever the loads, the shares hold and nobody waits for ever. */
class TopicTurnsTest {
    private static final List<String> TOPICS = List.of("a", "b", "c", "d");

    private final Map<String, Integer> shares = new HashMap<>();
    private final TopicTurns turns = new TopicTurns(topic -> shares.getOrDefault(topic, 1));

    static LongStream seeds() {
        return new Random().longs(50);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whoeverAlwaysWaitsIsServedInProportionToItsShare(long seed) {
        Random random = new Random(seed);
        for (String topic : TOPICS) {
            shares.put(topic, 1 + random.nextInt(9));
            turns.join(topic);
        }
        int sizes = 1 + random.nextInt(5_000);
        Map<String, Long> served = new HashMap<>();

        for (int each = 0; each < 20_000; each++) {
            String topic = next();
            long tokens = 1L + random.nextInt(sizes);
            turns.charge(topic, tokens);
            served.merge(topic, tokens, Long::sum);
        }

        for (String one : TOPICS) {
            for (String other : TOPICS) {
                double ahead = perShare(served, one) - perShare(served, other);
                // A turn of one's own, and what the last request of a turn goes beyond it.
                assertThat(ahead).isLessThanOrEqualTo(TopicTurns.QUANTUM + 2.0 * sizes);
            }
        }
    }

    private double perShare(Map<String, Long> served, String topic) {
        return served.getOrDefault(topic, 0L) / (double) shares.getOrDefault(topic, 1);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void somebodyIsServedAsLongAsAnybodyCanBe(long seed) {
        Random random = new Random(seed);
        Set<String> waiting = new HashSet<>();
        for (int each = 0; each < 5_000; each++) {
            String moved = TOPICS.get(random.nextInt(TOPICS.size()));
            if (random.nextBoolean()) {
                waiting.add(moved);
                turns.join(moved);
            } else {
                waiting.remove(moved);
                turns.leave(moved);
            }
            Set<String> able = new HashSet<>(waiting);
            able.removeIf(_ -> random.nextInt(3) == 0);

            String next = turns.next(able::contains);

            if (able.isEmpty()) {
                assertThat(next).isNull();
            } else {
                assertThat(able).contains(next);
                turns.charge(requireNonNull(next), random.nextInt(3_000_000));
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whoComesWaitsForOneTurnOfEachOtherAtMost(long seed) {
        Random random = new Random(seed);
        int size = 1 + random.nextInt(20_000);
        shares.put("a", 1 + random.nextInt(9));
        shares.put("b", 1 + random.nextInt(9));
        turns.join("a");
        turns.join("b");
        for (int each = 0; each < random.nextInt(1_000); each++) {
            turns.charge(next(), 1 + random.nextInt(size));
        }

        turns.join("late");

        long waited = 0;
        while (!"late".equals(turns.next(_ -> true))) {
            long tokens = 1L + random.nextInt(size);
            turns.charge(next(), tokens);
            waited += tokens;
        }
        long turn = TopicTurns.QUANTUM * shares.values().stream().mapToInt(each -> each).sum();
        assertThat(waited).isLessThanOrEqualTo(turn + 2L * size);
    }

    @Test
    void aLoneTopicOwesNobodyForWhatNobodyElseWanted() {
        turns.join("a");
        for (int each = 0; each < 1_000; each++) {
            assertThat(turns.next(_ -> true)).isEqualTo("a");
            turns.charge("a", 100_000);
        }

        turns.join("b");
        List<String> served = new ArrayList<>();
        for (int each = 0; each < 20; each++) {
            String next = next();
            served.add(next);
            turns.charge(next, TopicTurns.QUANTUM / 2);
        }

        assertThat(served).filteredOn("a"::equals).hasSize(10);
    }

    @Test
    void whoCannotBeServedNowIsNotPaidForItLater() {
        turns.join("a");
        turns.join("b");
        for (int each = 0; each < 1_000; each++) {
            assertThat(turns.next("a"::equals)).isEqualTo("a");
            turns.charge("a", TopicTurns.QUANTUM);
        }

        int inARow = 0;
        while ("b".equals(turns.next(_ -> true))) {
            turns.charge("b", TopicTurns.QUANTUM);
            inARow++;
        }

        assertThat(inARow).isLessThanOrEqualTo(2);
    }

    @Test
    void anEnormousRequestIsWaitedForNoLongerThanALargeOne() {
        shares.put("a", 1);
        turns.join("a");
        turns.join("b");
        turns.charge("a", Long.MAX_VALUE);
        int others = 0;
        while (!"a".equals(turns.next(_ -> true))) {
            turns.charge("b", TopicTurns.QUANTUM);
            others++;
        }

        assertThat(others).isLessThanOrEqualTo((int) (TopicTurns.MOST / TopicTurns.QUANTUM) + 1);
    }

    private String next() {
        return requireNonNull(turns.next(_ -> true));
    }
}
