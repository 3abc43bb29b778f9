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
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One partition during one assignment. A partition that comes back gets a new one, so a late
 * completion of the old assignment finds this one closed and changes no offset.
 */
final class PartitionWork {
    private final TopicPartition partition;
    private final Held held;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition quiet = lock.newCondition();

    // All below are guarded by the lock.
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
    boolean begin(Ticket ticket) {
        lock.lock();
        try {
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
        } finally {
            lock.unlock();
        }
    }

    /** A different timestamp is another record, which came to stand at the same offset. */
    private boolean isFinished(Ticket ticket) {
        Long stamp = finished.remove(ticket.offset());
        ConsumerRecord<byte[], byte[]> record = ticket.record();
        return stamp != null && record != null && record.timestamp() == stamp;
    }

    /** These need no work once they are delivered, whatever the ledger says. */
    void finished(Map<Long, Long> stampsByOffset) {
        lock.lock();
        try {
            finished.putAll(stampsByOffset);
        } finally {
            lock.unlock();
        }
    }

    /** How many finished requests are still to come. */
    int skips() {
        lock.lock();
        try {
            return finished.size();
        } finally {
            lock.unlock();
        }
    }

    /** False once the assignment has ended. */
    boolean ours() {
        lock.lock();
        try {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** The offset below which all is done; 0 while that is not known. */
    long watermark() {
        lock.lock();
        try {
            return ledger.known() ? ledger.watermark() : 0;
        } finally {
            lock.unlock();
        }
    }

    /** Work on a ticket begins; false if the partition is leaving. */
    boolean started() {
        lock.lock();
        try {
            if (!leaving) {
                busy++;
            }
            return !leaving;
        } finally {
            lock.unlock();
        }
    }

    /** The ticket's offset is done. */
    void completed(Ticket ticket) {
        lock.lock();
        try {
            if (closed || !open.remove(ticket.offset(), ticket)) {
                return;
            }
            ledger.complete(ticket.offset());
            held.remove(ticket);
            idle();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The ticket's work was given up; its offset stays undone and is delivered again to whoever
     * owns it next.
     */
    void abandoned() {
        lock.lock();
        try {
            idle();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The ticket's request waits for a lane and is nobody's work meanwhile.
     *
     * @param lean whether its record is left on the broker, to be read again
     */
    void parked(Ticket ticket, boolean lean) {
        lock.lock();
        try {
            parked++;
            if (lean && !closed && open.get(ticket.offset()) == ticket) {
                held.bytes(-ticket.held());
                ticket.record(null);
            }
            idle();
        } finally {
            lock.unlock();
        }
    }

    /** The wait is over, and work goes on; false if the partition is leaving. */
    boolean unparked() {
        lock.lock();
        try {
            parked--;
            if (!leaving) {
                busy++;
            }
            return !leaving;
        } finally {
            lock.unlock();
        }
    }

    /** The record was read again; nothing changes if the partition was taken away meanwhile. */
    void reread(Ticket ticket, ConsumerRecord<byte[], byte[]> record) {
        lock.lock();
        try {
            if (!closed && open.get(ticket.offset()) == ticket) {
                ticket.record(record);
                held.bytes(ticket.held());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Requests that wait for a lane. */
    int parkedCount() {
        lock.lock();
        try {
            return parked;
        } finally {
            lock.unlock();
        }
    }

    private void idle() {
        busy--;
        if (busy == 0) {
            quiet.signalAll();
        }
    }

    /** Waits until no started ticket is unfinished; false if the time ran out first. */
    boolean awaitQuiet(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (busy > 0 && left > 0) {
                left = quiet.awaitNanos(left);
            }
            return busy == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Gives up what is open; a call that has just ended still completes. */
    void cancelOpen() {
        List<Ticket> left;
        lock.lock();
        try {
            left = List.copyOf(open.values());
        } finally {
            lock.unlock();
        }
        left.forEach(ticket -> ticket.flight().cancellation().cancel());
    }

    /** No more work begins; what is under way may finish. Returns what is open. */
    List<Ticket> leave() {
        lock.lock();
        try {
            leaving = true;
            return List.copyOf(open.values());
        } finally {
            lock.unlock();
        }
    }

    /** Ends the assignment: nothing completes here any more. Returns what was still open. */
    List<Ticket> close() {
        lock.lock();
        try {
            leaving = true;
            closed = true;
            List<Ticket> left = List.copyOf(open.values());
            left.forEach(held::remove);
            open.clear();
            return left;
        } finally {
            lock.unlock();
        }
    }

    /** Everything below has been delivered, also offsets that hold no record. */
    void delivered(long position) {
        lock.lock();
        try {
            ledger.delivered(position);
        } finally {
            lock.unlock();
        }
    }

    /** What to commit now; empty if the broker has it already. */
    Optional<OffsetAndMetadata> due() {
        lock.lock();
        try {
            if (!ledger.known()) {
                return Optional.empty();
            }
            OffsetMap map = ledger.map();
            OffsetMap.Metadata metadata = map.metadata();
            mapTruncated = metadata.truncated();
            OffsetAndMetadata next = new OffsetAndMetadata(map.base(), metadata.text());
            return next.equals(committed) ? Optional.empty() : Optional.of(next);
        } finally {
            lock.unlock();
        }
    }

    /** The broker has taken this commit, or holds it since before the assignment. */
    void committed(OffsetAndMetadata taken) {
        lock.lock();
        try {
            committed = taken;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the last map did not fit the broker's limit: fetching more would only grow what is
     * repeated.
     */
    boolean mapTruncated() {
        lock.lock();
        try {
            return mapTruncated;
        } finally {
            lock.unlock();
        }
    }

    /** Records taken and not done. */
    int openCount() {
        lock.lock();
        try {
            return open.size();
        } finally {
            lock.unlock();
        }
    }

    PartitionState state(long nowNanos) {
        lock.lock();
        try {
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
        } finally {
            lock.unlock();
        }
    }
}
