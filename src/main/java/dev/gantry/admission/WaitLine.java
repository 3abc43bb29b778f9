package dev.gantry.admission;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * Those who wait for one lane. Topics take turns, and within a topic the deadline decides; guarded
 * by admission control.
 */
final class WaitLine {
    private final Map<String, TreeSet<Waiter>> topics = new HashMap<>();
    private final TopicTurns turns;
    private int size;

    WaitLine(ToIntFunction<String> shares) {
        this.turns = new TopicTurns(shares);
    }

    void add(Waiter waiter) {
        String topic = waiter.topic();
        turns.join(topic);
        if (topics.computeIfAbsent(topic, _ -> new TreeSet<>(Waiter.FIRST)).add(waiter)) {
            size++;
        }
    }

    void remove(Waiter waiter) {
        TreeSet<Waiter> line = topics.get(waiter.topic());
        if (line == null || !line.remove(waiter)) {
            return;
        }
        size--;
        if (line.isEmpty()) {
            topics.remove(waiter.topic());
            turns.leave(waiter.topic());
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /**
     * Whose turn it is; the same until it is served or leaves.
     *
     * @param able topics that could be served now
     */
    @Nullable Waiter first(Predicate<String> able) {
        String topic = turns.next(able);
        return topic == null ? null : first(topic);
    }

    /** The first of one topic. */
    @Nullable Waiter first(String topic) {
        TreeSet<Waiter> line = topics.get(topic);
        return line == null ? null : line.first();
    }

    /** It is about to leave, having been served in its turn. */
    void charge(Waiter waiter) {
        turns.charge(waiter.topic(), waiter.tokens());
    }

    /** Topic by topic, in order of their deadlines. */
    Stream<Waiter> stream() {
        return topics.values().stream().flatMap(TreeSet::stream);
    }

    /**
     * The first of each topic.
     *
     * @param most of one topic
     */
    Stream<Waiter> heads(int most) {
        return topics.values().stream().flatMap(each -> each.stream().limit(most));
    }
}
