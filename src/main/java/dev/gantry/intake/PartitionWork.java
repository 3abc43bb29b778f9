package dev.gantry.intake;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * One partition during one assignment. A partition that comes back gets a new one, so a late
 * completion of the old assignment finds this one closed and changes no offset.
 */
final class PartitionWork {
    private final TopicPartition partition;
    private final Held held;

    // All below are guarded by this.
    private final OffsetLedger ledger;
    private final NavigableMap<Long, Ticket> open = new TreeMap<>();

    /** Timestamps by offset, of requests finished before this assignment. */
    private final Map<Long, Long> finished = new HashMap<>();

    private int busy;
    private int parked;
    private boolean leaving;
    private boolean closed;
    private @Nullable OffsetAndMetadata committed;
    private boolean mapTruncated;

    /**
     * @param held counts over all partitions
     */
    PartitionWork(TopicPartition partition, OffsetLedger ledger, Held held) {
        this.partition = partition;
        this.ledger = ledger;
        this.held = held;
    }

    TopicPartition partition() {
        return partition;
    }

    /**
     * Takes a delivered record; false if it is done already, under way, or the partition is gone.
     */
    synchronized boolean begin(Ticket ticket) {
        if (closed || !ledger.begin(ticket.offset())) {
            return false;
        }
        if (isFinished(ticket)) {
            ledger.complete(ticket.offset());
            return false;
        }
        open.put(ticket.offset(), ticket);
        held.add(ticket);
        return true;
    }

    /** A different timestamp is another record, which came to stand at the same offset. */
    private boolean isFinished(Ticket ticket) {
        Long stamp = finished.remove(ticket.offset());
        ConsumerRecord<byte[], byte[]> record = ticket.record();
        return stamp != null && record != null && record.timestamp() == stamp;
    }

    /** These need no work once they are delivered, whatever the ledger says. */
    synchronized void finished(Map<Long, Long> stampsByOffset) {
        finished.putAll(stampsByOffset);
    }

    /** How many finished requests are still to come. */
    synchronized int skips() {
        return finished.size();
    }

    /** False once the assignment has ended. */
    synchronized boolean ours() {
        return !closed;
    }

    /** The offset below which all is done; 0 while that is not known. */
    synchronized long watermark() {
        return ledger.known() ? ledger.watermark() : 0;
    }

    /** Work on a ticket begins; false if the partition is leaving. */
    synchronized boolean started() {
        if (!leaving) {
            busy++;
        }
        return !leaving;
    }

    /** The ticket's offset is done. */
    synchronized void completed(Ticket ticket) {
        if (closed || !open.remove(ticket.offset(), ticket)) {
            return;
        }
        ledger.complete(ticket.offset());
        held.remove(ticket);
        idle();
    }

    /**
     * The ticket's work was given up; its offset stays undone and is delivered again to whoever
     * owns it next.
     */
    synchronized void abandoned() {
        idle();
    }

    /**
     * The ticket's request waits for a lane and is nobody's work meanwhile.
     *
     * @param lean whether its record is left on the broker, to be read again
     */
    synchronized void parked(Ticket ticket, boolean lean) {
        parked++;
        if (lean && !closed && open.get(ticket.offset()) == ticket) {
            held.bytes(-ticket.held());
            ticket.record(null);
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
    synchronized void reread(Ticket ticket, ConsumerRecord<byte[], byte[]> record) {
        if (!closed && open.get(ticket.offset()) == ticket) {
            ticket.record(record);
            held.bytes(ticket.held());
        }
    }

    /** Requests that wait for a lane. */
    synchronized int parkedCount() {
        return parked;
    }

    /** Guarded by this. */
    private void idle() {
        busy--;
        if (busy == 0) {
            notifyAll();
        }
    }

    /** Waits until no started ticket is unfinished; false if the time ran out first. */
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
        stillOpen().forEach(ticket -> ticket.flight().cancellation().cancel());
    }

    private synchronized List<Ticket> stillOpen() {
        return List.copyOf(open.values());
    }

    /** No more work begins; what is under way may finish. Returns what is open. */
    synchronized List<Ticket> leave() {
        leaving = true;
        return List.copyOf(open.values());
    }

    /** Ends the assignment: nothing completes here any more. Returns what was still open. */
    synchronized List<Ticket> close() {
        leaving = true;
        closed = true;
        List<Ticket> left = List.copyOf(open.values());
        left.forEach(held::remove);
        open.clear();
        return left;
    }

    /** Everything below has been delivered, also offsets that hold no record. */
    synchronized void delivered(long position) {
        ledger.delivered(position);
    }

    /** What to commit now; empty if the broker has it already. */
    synchronized Optional<OffsetAndMetadata> due() {
        if (!ledger.known()) {
            return Optional.empty();
        }
        OffsetMap map = ledger.map();
        OffsetMap.Metadata metadata = map.metadata();
        mapTruncated = metadata.truncated();
        OffsetAndMetadata next = new OffsetAndMetadata(map.base(), metadata.text());
        return next.equals(committed) ? Optional.empty() : Optional.of(next);
    }

    /** The broker has taken this commit, or holds it since before the assignment. */
    synchronized void committed(OffsetAndMetadata taken) {
        committed = taken;
    }

    /**
     * Whether the last map did not fit the broker's limit: fetching more would only grow what is
     * repeated.
     */
    synchronized boolean mapTruncated() {
        return mapTruncated;
    }

    /** Records taken and not done. */
    synchronized int openCount() {
        return open.size();
    }

    synchronized PartitionState state(long nowNanos) {
        return new PartitionState(
                partition.topic(),
                partition.partition(),
                ledger.watermark(),
                ledger.doneAbove(),
                open.size(),
                open.isEmpty()
                        ? null
                        : PartitionState.Oldest.of(open.firstEntry().getValue(), nowNanos),
                mapTruncated);
    }
}
