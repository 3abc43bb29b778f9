package dev.gantry.intake;

import dev.gantry.handover.Handover;
import dev.gantry.handover.HandoverRow;
import dev.gantry.inference.SourcePosition;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.intake.offset.PartitionProgress;
import dev.gantry.intake.position.HeldRecords;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.PartitionState;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One partition during one assignment. A partition that comes back gets a new one, so a late
 * completion of the old assignment finds this one closed and changes no offset.
 */
public final class AssignedPartition {
    private final TopicPartition partition;
    private final Handover handover;

    /** Has a lock of its own, which is taken after this one. */
    private final OpenRecords open;

    // All below are guarded by this.

    /** Null until it is known where to begin. */
    private @Nullable PartitionProgress progress;

    private final HeldElsewhere elsewhere = new HeldElsewhere();

    /** Where the records themselves told that the log had been cut off; null once that is said. */
    private LogResets.@Nullable Place noticed;

    /** Why nothing is fetched, empty while that is no more than a moment; null while it is. */
    private @Nullable String pending = "";

    /** How often what was read turned out to be of another log. */
    private int setbacks;

    private boolean closed;

    /** Whether the table of finished positions takes nothing now. */
    private boolean saveFails;

    private boolean mapFull;

    /**
     * @param held counts over all partitions
     * @param handover hears of the ends of what was handed over
     */
    AssignedPartition(TopicPartition partition, HeldRecords held, Handover handover) {
        this.partition = partition;
        this.handover = handover;
        this.open = new OpenRecords(held);
    }

    TopicPartition partition() {
        return partition;
    }

    /** The records taken and not done, and what goes on with them. */
    OpenRecords open() {
        return open;
    }

    /**
     * From here on work begins.
     *
     * @param map what is done, and the log that it is done of
     * @param committed what the broker holds
     * @param finished timestamps by offset, of requests finished whatever the map says
     * @param handedOver what other workers finish, or have finished
     */
    synchronized void settle(
            OffsetMap map,
            @Nullable OffsetAndMetadata committed,
            Map<Long, Long> finished,
            Collection<HandoverRow> handedOver) {
        PartitionProgress settled = new PartitionProgress(map);
        settled.finished(finished);
        for (HandoverRow row : handedOver) {
            if (row.done()) {
                settled.finished(Map.of(row.request().offset(), row.request().timestamp()));
            } else {
                elsewhere.add(row);
                handover.look();
            }
        }
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
        elsewhere.strayFrom(0);
        progress = new PartitionProgress(map);
    }

    /** The log ends here: what was above is gone, what comes there is new. */
    synchronized void cut(long end) {
        setbacks++;
        open.strayFrom(end);
        elsewhere.strayFrom(end);
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
        elsewhere.delivered(inFlight.offset());
        if (!progress.begin(inFlight.offset(), inFlight.timestamp(), inFlight.epoch())) {
            elsewhere.done(inFlight.offset());
            return false;
        }
        return !elsewhere.take(inFlight) && isNew(inFlight, progress);
    }

    /** Whether nobody has worked on it or does. */
    private boolean isNew(InFlightRecord inFlight, PartitionProgress known) {
        OpenRecords.Delivery delivery = open.take(inFlight);
        if (delivery == OpenRecords.Delivery.DONE) {
            known.complete(inFlight.offset());
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

    /** All that the record leaves behind is safe: its offset is done. */
    void completed(InFlightRecord inFlight) {
        synchronized (this) {
            OpenRecords.End end = open.end(inFlight);
            if (end == OpenRecords.End.OFFSET && progress != null && !closed) {
                progress.complete(inFlight.offset());
            }
        }
        if (inFlight.given()) {
            handover.ended(inFlight.source());
        }
    }

    /**
     * The record's work was given up; its offset stays undone and is delivered again to whoever
     * owns it next.
     */
    void abandoned(InFlightRecord inFlight) {
        if (open.abandoned(inFlight)) {
            handover.givenUp(inFlight.source());
        }
    }

    /** What other workers finish. */
    synchronized List<SourcePosition> heldElsewhere() {
        return closed ? List.of() : elsewhere.requests();
    }

    /** One of them is done. */
    synchronized void doneElsewhere(SourcePosition request) {
        HeldElsewhere.Holding was = elsewhere.remove(request);
        if (was == null || closed || progress == null) {
            return;
        }
        if (was.delivered() == null) {
            progress.finished(Map.of(request.offset(), request.timestamp()));
        } else {
            progress.complete(request.offset());
        }
    }

    /** Nobody works on one of them any more. Returns the record that is to be worked on here. */
    synchronized @Nullable InFlightRecord releasedElsewhere(SourcePosition request) {
        HeldElsewhere.Holding was = elsewhere.remove(request);
        if (was == null || was.delivered() == null || closed || progress == null) {
            return null;
        }
        return isNew(was.delivered(), progress) ? was.delivered() : null;
    }

    /** Gives up what is open; a call that has just ended still completes. */
    void cancelOpen() {
        // Not under the lock: what is given up may complete at once, on this thread.
        open.all().forEach(inFlight -> inFlight.handle().cancellation().cancel());
    }

    /**
     * Ends the assignment: no offset completes here any more. Returns what was still open, apart
     * from what stays at work for whoever owns the partition next.
     */
    synchronized List<InFlightRecord> close() {
        closed = true;
        return open.close();
    }

    /** Everything below has been delivered, also offsets that hold no record. */
    synchronized void delivered(long position) {
        elsewhere.delivered(position);
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

    /** Timestamps by offset, of what is done and not told by what the broker holds. */
    synchronized Map<Long, Long> uncommitted() {
        return progress == null || pending != null ? Map.of() : progress.uncommitted();
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
        return open.size() + elsewhere.size();
    }

    synchronized PartitionState state(long nowNanos) {
        return new PartitionState(
                partition.topic(),
                partition.partition(),
                progress == null ? PartitionState.UNKNOWN : progress.watermark(),
                progress == null ? 0 : progress.doneAbove(),
                openCount(),
                open.parked(),
                oldest(nowNanos),
                mapFull,
                pending == null || pending.isEmpty() ? null : pending);
    }

    /** Of those here and elsewhere; null: nothing is open. */
    private PartitionState.@Nullable Oldest oldest(long nowNanos) {
        InFlightRecord here = open.oldest();
        HeldElsewhere.Holding held = elsewhere.oldest();
        if (held != null
                && held.delivered() != null
                && (here == null || held.request().offset() < here.offset())) {
            return held.delivered().shown(held.worker(), nowNanos);
        }
        return here == null ? null : here.shown(null, nowNanos);
    }
}
