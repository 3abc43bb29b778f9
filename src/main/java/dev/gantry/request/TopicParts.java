package dev.gantry.request;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * How topics divide what all of them hold together, such as memory.
 *
 * @param shares of those that are read now
 */
public record TopicParts(Map<String, Integer> shares) {
    /** What a topic leaves to others, once it has its own part. */
    private static final double LEFT_TO_OTHERS = 0.25;

    /** No more is taken until so much of a bound is free again, so that it does not flutter. */
    private static final double RESUME_AT = 0.75;

    public TopicParts {
        shares = Map.copyOf(shares);
    }

    /**
     * Of the topics that are read now; of none, what is asked of any says how the worker stands.
     */
    static TopicParts of(Set<String> read, RequestTopics topics) {
        Map<String, Integer> shares = new HashMap<>();
        read.forEach(each -> shares.put(each, topics.of(each).share()));
        return new TopicParts(read.isEmpty() ? Map.of("", 1) : shares);
    }

    /** Those of which this holds. */
    public Set<String> which(Predicate<String> holds) {
        return shares.keySet().stream().filter(holds).collect(Collectors.toSet());
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
        double sum = shares.values().stream().mapToInt(Integer::intValue).sum();
        boolean leaves = shares.size() > 1 && mine >= most * shares.getOrDefault(topic, 1) / sum;
        double bound = leaves ? most * (1 - LEFT_TO_OTHERS) : most;
        return all >= (was ? RESUME_AT : 1.0) * bound;
    }
}
