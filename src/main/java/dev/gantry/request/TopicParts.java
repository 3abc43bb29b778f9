package dev.gantry.request;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How topics divide what all of them hold together, such as memory.
 *
 * @param shares of those that are read now
 */
public record TopicParts(Map<String, Integer> shares) {
    /** What a topic leaves to others, once it has its own part. */
    private static final double LEFT_TO_OTHERS = 0.25;

    private static final Map<String, Integer> NONE_READ = Map.of("", 1);

    /** No more is taken until so much of a bound is free again, so that it does not flutter. */
    private static final double RESUME_AT = 0.75;

    public TopicParts {
        shares = Map.copyOf(shares);
    }

    /**
     * Of the topics that are read now; of none, what is asked of any says how the worker stands.
     */
    static TopicParts of(Set<String> read, Function<String, RequestTopic> topics) {
        Map<String, Integer> shares = new HashMap<>();
        read.forEach(each -> shares.put(each, topics.apply(each).share()));
        return new TopicParts(read.isEmpty() ? NONE_READ : shares);
    }

    /** Whether it is of these topics. */
    boolean of(Set<String> read) {
        return shares.keySet().equals(read.isEmpty() ? NONE_READ.keySet() : read);
    }

    /** Those of which this holds. */
    public Set<String> which(Predicate<String> holds) {
        Set<String> which = Set.of();
        for (String each : shares.keySet()) {
            if (holds.test(each)) {
                which = which.isEmpty() ? new HashSet<>() : which;
                which.add(each);
            }
        }
        return which;
    }

    /**
     * Whether a topic is to take no more of what all share. Alone it may have everything. With
     * others, one that has its part already leaves them a quarter, so that none of them ever finds
     * everything taken.
     *
     * @param mine what the topic holds of it
     * @param all what everybody holds
     * @param was whether it was so at the last look
     */
    public boolean full(String topic, long mine, double all, double most, boolean was) {
        boolean leaves = shares.size() > 1 && mine >= part(topic, most);
        double bound = leaves ? most * (1 - LEFT_TO_OTHERS) : most;
        return all >= (was ? RESUME_AT : 1.0) * bound;
    }

    private double part(String topic, double most) {
        int sum = 0;
        for (int share : shares.values()) {
            sum += share;
        }
        return most * shares.getOrDefault(topic, 1) / sum;
    }
}
