package dev.gantry.reread;

import dev.gantry.reread.PendingRead.Answer;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/** The pending reads; callers add them, one thread answers them. */
final class PendingReads {
    /** What the network garbled is read right the next time; a bug is not. */
    private static final int PATIENCE = 3;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Guarded by the lock, as is what follows; a partition without reads is absent. */
    private final Map<TopicPartition, NavigableMap<Long, List<PendingRead>>> open = new HashMap<>();

    private boolean closed;

    PendingRead add(TopicPartition partition, long offset) {
        PendingRead read = new PendingRead(partition, offset);
        lock.lock();
        try {
            if (closed) {
                read.answer(new Answer.Withdrawn());
                return read;
            }
            open.computeIfAbsent(partition, _ -> new TreeMap<>())
                    .computeIfAbsent(offset, _ -> new ArrayList<>(1))
                    .add(read);
            changed.signal();
            return read;
        } finally {
            lock.unlock();
        }
    }

    void withdraw(PendingRead read) {
        lock.lock();
        try {
            NavigableMap<Long, List<PendingRead>> wishes = open.get(read.partition());
            List<PendingRead> same = wishes == null ? null : wishes.get(read.offset());
            if (wishes == null || same == null || !same.remove(read)) {
                return;
            }
            if (same.isEmpty()) {
                wishes.remove(read.offset());
            }
            tidy(read.partition(), wishes);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a read; false if none came within the limit, or no more will come. */
    boolean await(Duration limit) throws InterruptedException {
        lock.lock();
        try {
            long left = limit.toNanos();
            while (open.isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !closed && !open.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for as long as it takes; false once closed. */
    boolean await() throws InterruptedException {
        lock.lock();
        try {
            while (open.isEmpty() && !closed) {
                changed.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where to read on, of each partition wished for.
     *
     * @param sweeps where each was read last
     */
    Map<TopicPartition, ReadCursor> next(Function<TopicPartition, ReadCursor> sweeps) {
        lock.lock();
        try {
            Map<TopicPartition, ReadCursor> next = new HashMap<>();
            open.forEach(
                    (partition, wishes) ->
                            next.put(
                                    partition,
                                    sweeps.apply(partition).next(wishes.navigableKeySet())));
            return next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The partition was read from one offset up to another: what was not among the records is gone.
     */
    void answer(
            TopicPartition partition,
            long from,
            long to,
            List<ConsumerRecord<byte[], byte[]>> records) {
        lock.lock();
        try {
            NavigableMap<Long, List<PendingRead>> wishes = open.get(partition);
            if (wishes == null) {
                return;
            }
            for (ConsumerRecord<byte[], byte[]> record : records) {
                List<PendingRead> found = wishes.remove(record.offset());
                if (found != null) {
                    answer(found, new Answer.Found(record));
                }
            }
            if (from < to) {
                refuse(wishes.subMap(from, true, to, false));
            }
            tidy(partition, wishes);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The partition begins and ends at these offsets: what lies outside is gone.
     *
     * @return how many reads that were
     */
    int confine(TopicPartition partition, long beginning, long end) {
        lock.lock();
        try {
            NavigableMap<Long, List<PendingRead>> wishes = open.get(partition);
            if (wishes == null) {
                return 0;
            }
            int refused =
                    refuse(wishes.headMap(beginning, false)) + refuse(wishes.tailMap(end, true));
            tidy(partition, wishes);
            return refused;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reading failed, for no fault of the broker's. Whoever has seen that happen too often is told;
     * they can say what becomes of their requests.
     */
    void failed(Throwable cause) {
        lock.lock();
        try {
            for (NavigableMap<Long, List<PendingRead>> wishes : open.values()) {
                wishes.values().forEach(same -> same.removeIf(read -> givesUp(read, cause)));
                wishes.values().removeIf(List::isEmpty);
            }
            open.values().removeIf(Map::isEmpty);
        } finally {
            lock.unlock();
        }
    }

    private static boolean givesUp(PendingRead read, Throwable cause) {
        boolean enough = read.failedAgain() == PATIENCE;
        if (enough) {
            read.answer(new Answer.Failed(cause));
        }
        return enough;
    }

    /** Frees all who wait; there is no further read. */
    void close() {
        lock.lock();
        try {
            closed = true;
            open.values()
                    .forEach(
                            each ->
                                    each.values()
                                            .forEach(same -> answer(same, new Answer.Withdrawn())));
            open.clear();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private static int refuse(NavigableMap<Long, List<PendingRead>> gone) {
        int refused = gone.size();
        gone.values().forEach(each -> answer(each, new Answer.Gone()));
        gone.clear();
        return refused;
    }

    private static void answer(List<PendingRead> same, Answer answer) {
        same.forEach(read -> read.answer(answer));
    }

    private void tidy(TopicPartition partition, NavigableMap<Long, List<PendingRead>> wishes) {
        if (wishes.isEmpty()) {
            open.remove(partition);
        }
    }
}
