package dev.gantry.intake.position;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What is known of one partition at one moment.
 *
 * @param watermark offset below which all is done; {@link #UNKNOWN} until that is known
 * @param doneAbove offsets above the watermark that are done
 * @param open records taken and not done
 * @param waiting of these, those whose requests stand in line for a slot or a lane
 * @param oldest the unfinished record with the lowest offset: it holds the watermark
 * @param mapTruncated whether what is done can be written down nowhere: fetching has stopped
 * @param pending why nothing is fetched yet; null while it is
 */
public record PartitionState(
        String topic,
        int partition,
        long watermark,
        long doneAbove,
        int open,
        int waiting,
        @Nullable Oldest oldest,
        boolean mapTruncated,
        @Nullable String pending) {
    /** No watermark yet. */
    public static final long UNKNOWN = -1;

    /** The offset up to which the partition would be done if what is done stood together. */
    public long completed() {
        return watermark + doneAbove;
    }

    /**
     * The record that holds the watermark.
     *
     * @param requestId null until decoded
     * @param lane null while no call is under way here
     * @param heldBy the worker that finishes it, which has given the partition away; null: this one
     */
    public record Oldest(
            long offset,
            @Nullable String requestId,
            @Nullable String lane,
            @Nullable String heldBy,
            Duration age) {}
}
