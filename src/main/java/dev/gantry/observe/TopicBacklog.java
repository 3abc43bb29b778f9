package dev.gantry.observe;

import dev.gantry.intake.position.PartitionState;

import java.util.List;

/**
 * What of a topic this worker's partitions still hold.
 *
 * @param records not done
 * @param limited of these, the requests that more workers would not help, as their lanes are
 *     benched or at their limits
 */
record TopicBacklog(double records, double limited) {
    /** Until the broker has been asked. */
    static final TopicBacklog UNKNOWN = new TopicBacklog(Double.NaN, Double.NaN);

    /**
     * One partition of it.
     *
     * @param end offset that the next record will have
     */
    record Part(PartitionState state, long end) {
        private long records() {
            return Math.max(0, end - Math.max(0, state.completed()));
        }

        /** Where so many wait that no more are fetched, what is behind them waits likewise. */
        private double behindThoseWaiting() {
            return state.waiting() == 0 ? 0 : Math.max(0, records() - state.open());
        }
    }

    /**
     * Adds up.
     *
     * @param limited of the requests that wait, those that wait for their lanes
     * @param fetching false: the partitions that hold waiting requests are paused for these
     */
    static TopicBacklog of(List<Part> parts, int limited, boolean fetching) {
        double records = parts.stream().mapToLong(Part::records).sum();
        double waiting = parts.stream().mapToInt(part -> part.state().waiting()).sum();
        double unread = fetching ? 0 : parts.stream().mapToDouble(Part::behindThoseWaiting).sum();
        double share = waiting == 0 ? 0 : Math.min(1, limited / waiting);
        return new TopicBacklog(records, Math.min(records, limited + share * unread));
    }
}
