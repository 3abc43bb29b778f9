package dev.gantry.intake;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.intake.offset.PartitionProgress;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * One partition during one assignment. A partition that comes back gets a new one, so a late
 * completion of the old assignment finds this one closed and changes no offset.
 */
public final class AssignedPartition {
    private final TopicPartition partition;

    // All below are guarded by this.

    /** Null until it is known where to begin. */
    private @Nullable PartitionProgress progress;

    private final OpenRecords open;

    /** Where the records themselves told that the log had been cut off; null once that is said. */
    private LogResets.@Nullable Place noticed;

    /** Why nothing is fetched, empty while that is no more than a moment; null while it is. */
    private @Nullable String pending = "";

    /** How often what was read turned out to be of another log. */
    private int setbacks;

    private int busy;
    private int parked;
    private boolean leaving;
    private boolean closed;

    /** Whether the table of finished positions takes nothing now. */
    private boolean saveFails;

    private boolean mapFull;

    /**
     * @param held counts over all partitions
     */
    AssignedPartition(TopicPartition partition, HeldRecords held) {
        this.partition = partition;
        this.open = new OpenRecords(held);
    }

    TopicPartition partition() {
        return partition;
    }

    /**
     * From here on work begins.
     *
     * @param map what is done, and the log that it is done of
     * @param committed what the broker holds
     * @param finished timestamps by offset, of requests finished whatever the map says
     */
    synchronized void settle(
            OffsetMap map, @Nullable OffsetAndMetadata committed, Map<Long, Long> finished) {
        PartitionProgress settled = new PartitionProgress(map);
        settled.finished(finished);
        if (committed != null) {
            settled.committed(committed);
        }
        progress = settled;
    }

    /**
     * Another log stands in the place of the one that was read: nothing of it is known, apart from
     * what was read of it before it was noticed.
     */
    synchronized void startOver(OffsetMap map) {
        setbacks++;
        open.strayFrom(0);
        open.readAgain();
        progress = new PartitionProgress(map);
    }

    /** The log ends here: what was above is gone, what comes there is new. */
    synchronized void cut(long end) {
        setbacks++;
        open.strayFrom(end);
        if (progress != null) {
            progress.cut(end);
        }
    }

    /**
     * The same.
     *
     * @param epoch of what is left below; {@link LogEpoch#NO_EPOCH} if that is not known
     */
    synchronized void cut(long end, int epoch) {
        cut(end);
        if (progress != null) {
            progress.epochAtMost(epoch);
        }
    }

    /** Where reading went back of itself since the last time; null if it did not. */
    synchronized LogResets.@Nullable Place noticed() {
        LogResets.Place place = noticed;
        noticed = null;
        return place;
    }

    /** Nothing is fetched, for this reason; null: it is again. */
    synchronized void pending(@Nullable String why) {
        pending = why;
    }

    /** Nothing is fetched still; whether the reason is a new one. */
    synchronized boolean stillPending(String why) {
        boolean fresh = pending != null && !why.equals(pending);
        if (fresh) {
            pending = why;
        }
        return fresh;
    }

    /** Whether nothing is to be fetched yet. */
    synchronized boolean pending() {
        return pending != null;
    }

    /**
     * Takes a delivered record; false if it is done already, under way, or the partition is gone.
     */
    synchronized boolean begin(InFlightRecord inFlight) {
        if (closed || progress == null) {
            return false;
        }
        boolean overwritten = progress.overwritten(inFlight.offset(), inFlight.epoch());
        if (overwritten || inFlight.offset() < progress.position()) {
            if (!overwritten && !strange(inFlight, progress)) {
                return false; // of the same log, and only fetched twice
            }
            goBack(inFlight.offset(), progress.top());
        }
        if (!progress.begin(inFlight.offset(), inFlight.timestamp(), inFlight.epoch())) {
            return false;
        }
        OpenRecords.Delivery delivery = open.take(inFlight);
        if (delivery == OpenRecords.Delivery.DONE) {
            progress.complete(inFlight.offset());
        }
        return delivery == OpenRecords.Delivery.NEW;
    }

    /** Whether another record stood at its offset before. */
    private boolean strange(InFlightRecord inFlight, PartitionProgress known) {
        return open.strange(inFlight) || known.strange(inFlight.offset(), inFlight.timestamp());
    }

    /** The log was cut off here, and this is told by what came in the place of what is gone. */
    private void goBack(long end, long top) {
        noticed = new LogResets.Place(partition, LogResets.Reason.TRUNCATED, top, end);
        open.readAgain();
        cut(end);
    }

    /** What arrived before this moment is of the log that is known. */
    synchronized void verified(long beforeNanos) {
        open.verified(beforeNanos);
    }

    /** How often what was read turned out to be of another log; only ever grows. */
    synchronized int setbacks() {
        return setbacks;
    }

    /** How many finished requests are still to come. */
    synchronized int skips() {
        return progress == null ? 0 : progress.skips();
    }

    /** False once the assignment has ended. */
    synchronized boolean ours() {
        return !closed;
    }

    /** The offset below which all is done; 0 while that is not known. */
    synchronized long watermark() {
        return progress == null ? 0 : progress.watermark();
    }

    /** The next offset to be delivered; 0 while that is not known. */
    synchronized long position() {
        return progress == null ? 0 : progress.position();
    }

    /** First offset that nothing is known of; 0 while that is not known. */
    synchronized long top() {
        return progress == null ? 0 : progress.top();
    }

    /** The log that is read. */
    synchronized LogEpoch lineage() {
        return progress == null ? LogEpoch.UNKNOWN : progress.lineage();
    }

    /** How many offsets in [position, end) nobody has worked on. */
    synchronized long undoneBelow(long end) {
        return progress == null ? 0 : progress.undoneBelow(end);
    }

    /** Work on a record begins; false if the partition is leaving. */
    synchronized boolean started() {
        if (!leaving) {
            busy++;
        }
        return !leaving;
    }

    /** The record's offset is done. */
    synchronized void completed(InFlightRecord inFlight) {
        if (closed) {
            return;
        }
        switch (open.end(inFlight)) {
            case OFFSET -> {
                if (progress != null) {
                    progress.complete(inFlight.offset());
                }
                idle();
            }
            case STRAY -> idle();
            case NONE -> {}
        }
    }

    /**
     * The record's work was given up; its offset stays undone and is delivered again to whoever
     * owns it next.
     */
    synchronized void abandoned() {
        idle();
    }

    /**
     * The record's request waits for a lane and is nobody's work meanwhile.
     *
     * @param lean whether its record is left on the broker, to be read again
     */
    synchronized void parked(InFlightRecord inFlight, boolean lean) {
        parked++;
        if (lean && !closed) {
            open.drop(inFlight);
        }
        idle();
    }

    /** The wait is over, and work goes on; false if the partition is leaving. */
    synchronized boolean unparked() {
        parked--;
        if (!leaving) {
            busy++;
        }
        return !leaving;
    }

    /** The record was read again; nothing changes if the partition was taken away meanwhile. */
    synchronized void reread(InFlightRecord inFlight, ConsumerRecord<byte[], byte[]> record) {
        if (!closed) {
            open.refill(inFlight, record);
        }
    }

    /** Requests that wait for a lane. */
    synchronized int parkedCount() {
        return parked;
    }

    /** How many of them wait for their lanes, and not for room on a worker. */
    int limited(Predicate<LaneId> takesCalls) {
        int count = 0;
        for (InFlightRecord each : stillOpen()) {
            SuspendedRun run = each.waiting().get();
            if (run != null && !run.wantsOnlyRoom(takesCalls)) {
                count++;
            }
        }
        return count;
    }

    /** Guarded by this. */
    private void idle() {
        busy--;
        if (busy == 0) {
            notifyAll();
        }
    }

    /** Waits until no started record is unfinished; false if the time ran out first. */
    synchronized boolean awaitQuiet(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (busy > 0 && end - System.nanoTime() > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
        }
        return busy == 0;
    }

    /** Gives up what is open; a call that has just ended still completes. */
    void cancelOpen() {
        // Not under the lock: what is given up may complete at once, on this thread.
        stillOpen().forEach(inFlight -> inFlight.handle().cancellation().cancel());
    }

    private synchronized List<InFlightRecord> stillOpen() {
        return open.all();
    }

    /** No more work begins; what is under way may finish. Returns what is open. */
    synchronized List<InFlightRecord> leave() {
        leaving = true;
        return stillOpen();
    }

    /** Ends the assignment: nothing completes here any more. Returns what was still open. */
    synchronized List<InFlightRecord> close() {
        leaving = true;
        closed = true;
        return open.close();
    }

    /** Everything below has been delivered, also offsets that hold no record. */
    synchronized void delivered(long position) {
        if (progress != null) {
            progress.delivered(position);
        }
    }

    /**
     * What to commit now; empty if the broker has it already, or nothing is known.
     *
     * @param maxChars of metadata
     */
    synchronized Optional<OffsetAndMetadata> due(int maxChars) {
        if (progress == null || pending != null) {
            return Optional.empty();
        }
        mapFull = saveFails && (progress.crowded(maxChars) || progress.untold(maxChars));
        return progress.due(maxChars);
    }

    /** The broker has taken this commit, or holds it since before the assignment. */
    synchronized void committed(OffsetAndMetadata taken) {
        if (progress != null) {
            progress.committed(taken);
        }
    }

    /** Timestamps by offset, of what is done and told neither by the commit nor by the table. */
    synchronized Map<Long, Long> unsaved(int maxChars) {
        return progress == null || pending != null ? Map.of() : progress.unsaved(maxChars);
    }

    /** The table has these. */
    synchronized void saved(Map<Long, Long> rows) {
        saveFails = false;
        if (progress != null) {
            progress.saved(rows);
        }
    }

    /** The table takes nothing now. */
    synchronized void saveFailed() {
        saveFails = true;
    }

    /** Whether the table of finished positions took nothing the last time. */
    synchronized boolean saveFails() {
        return saveFails;
    }

    /**
     * Whether what is done finds no room in the commit's metadata and the table takes nothing:
     * fetching more would only grow what is repeated.
     */
    synchronized boolean mapTruncated() {
        return mapFull;
    }

    /** Records taken and not done. */
    synchronized int openCount() {
        return open.size();
    }

    synchronized PartitionState state(long nowNanos) {
        InFlightRecord oldest = open.oldest();
        return new PartitionState(
                partition.topic(),
                partition.partition(),
                progress == null ? PartitionState.UNKNOWN : progress.watermark(),
                progress == null ? 0 : progress.doneAbove(),
                open.size(),
                parked,
                oldest == null ? null : PartitionState.Oldest.of(oldest, nowNanos),
                mapFull,
                pending == null || pending.isEmpty() ? null : pending);
    }
}
