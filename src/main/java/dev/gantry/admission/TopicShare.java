package dev.gantry.admission;

/**
 * What one topic may have of a worker.
 *
 * @param share of slots and queues, against the shares of other topics; at least 1
 * @param most slots that its requests may hold at once
 */
public record TopicShare(int share, int most) {
    /** All that there is, in equal parts with others. */
    public static final TopicShare EQUAL = new TopicShare(1, Integer.MAX_VALUE);
}
