package dev.gantry.intake;

import dev.gantry.intake.Wishes.Wish;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Reads single records again: those of requests that waited for a lane without their bodies. One
 * thread with one consumer serves all callers, in the order of offsets, so that many wishes of a
 * partition are about one pass over it.
 */
final class RecordReader implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RecordReader.class);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** An idle consumer keeps connections open. */
    private static final Duration IDLE = Duration.ofMinutes(1);

    /** A partition that says nothing for so long may not exist any more. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    /** Further ahead than this, seeking is cheaper than reading on. */
    private static final int FAR = 500;

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Duration idle;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wished = lock.newCondition();

    // Guarded by the lock.
    private final Wishes wishes = new Wishes();
    private @Nullable Thread thread;
    private boolean closed;

    RecordReader(Supplier<Consumer<byte[], byte[]>> consumers) {
        this(consumers, IDLE);
    }

    /**
     * @param consumers makes a consumer of no group that resets to no offset
     * @param idle after which an unused consumer is closed
     */
    RecordReader(Supplier<Consumer<byte[], byte[]>> consumers, Duration idle) {
        this.consumers = consumers;
        this.idle = idle;
    }

    /**
     * Waits for the record, while the broker is away too.
     *
     * @throws RecordGone if the broker no longer has it
     */
    ConsumerRecord<byte[], byte[]> read(TopicPartition partition, long offset)
            throws InterruptedException, RecordGone {
        Wish wish = wish(partition, offset);
        try {
            wish.granted.await();
        } catch (InterruptedException e) {
            withdraw(partition, offset, wish);
            throw e;
        }
        if (wish.record == null) {
            throw new RecordGone(partition, offset);
        }
        return wish.record;
    }

    private Wish wish(TopicPartition partition, long offset) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the reader is closed");
            }
            Wish wish = wishes.add(partition, offset);
            if (thread == null) {
                thread = Thread.ofPlatform().name("record-reader").daemon().start(this::run);
            }
            wished.signal();
            return wish;
        } finally {
            lock.unlock();
        }
    }

    private void withdraw(TopicPartition partition, long offset, Wish wish) {
        lock.lock();
        try {
            wishes.withdraw(partition, offset, wish);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            wished.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The loop's top: whatever happens, wishes go on being served while there are any. */
    private void run() {
        boolean going = true;
        while (going) {
            try (Consumer<byte[], byte[]> consumer = consumers.get()) {
                going = serve(new Reading(consumer));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                going = false;
            } catch (Throwable e) {
                log.atWarn().addKeyValue("error", e.toString()).log("records not read again yet");
                going = paused();
            }
        }
        leave();
    }

    /** Ends when nobody has wished for anything for a while. */
    private boolean serve(Reading reading) throws InterruptedException {
        while (awaitWish()) {
            reading.pass();
        }
        return false;
    }

    private boolean awaitWish() throws InterruptedException {
        lock.lock();
        try {
            long left = idle.toNanos();
            while (wishes.none() && !closed && left > 0) {
                left = wished.awaitNanos(left);
            }
            return !closed && !wishes.none();
        } finally {
            lock.unlock();
        }
    }

    private boolean paused() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
        lock.lock();
        try {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** A wish that came between the last look and here gets a thread of its own. */
    private void leave() {
        lock.lock();
        try {
            thread =
                    wishes.none() || closed
                            ? null
                            : Thread.ofPlatform().name("record-reader").daemon().start(this::run);
        } finally {
            lock.unlock();
        }
    }

    /** What one consumer has read so far; used by the thread only. */
    private final class Reading {
        private final Consumer<byte[], byte[]> consumer;
        private final Map<TopicPartition, Long> positions = new HashMap<>();
        private final Map<TopicPartition, Long> heardNanos = new HashMap<>();

        Reading(Consumer<byte[], byte[]> consumer) {
            this.consumer = consumer;
        }

        void pass() {
            seek();
            try {
                handOut(consumer.poll(POLL));
            } catch (OffsetOutOfRangeException e) {
                outOfRange(e);
            }
            refuseLost();
        }

        private void seek() {
            lock.lock();
            try {
                Set<TopicPartition> wanted = wishes.partitions();
                if (!wanted.equals(consumer.assignment())) {
                    consumer.assign(wanted);
                    positions.keySet().retainAll(wanted);
                    heardNanos.keySet().retainAll(wanted);
                }
                wanted.forEach(this::seek);
            } finally {
                lock.unlock();
            }
        }

        private void seek(TopicPartition partition) {
            Long at = positions.get(partition);
            Long next = wishes.next(partition, at == null ? 0 : at);
            if (next != null && (at == null || next < at || next > at + FAR)) {
                consumer.seek(partition, next);
                positions.put(partition, next);
                heardNanos.put(partition, System.nanoTime());
            }
        }

        private void handOut(ConsumerRecords<byte[], byte[]> records) {
            lock.lock();
            try {
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    wishes.grant(new TopicPartition(record.topic(), record.partition()), record);
                }
                for (TopicPartition partition : consumer.assignment()) {
                    long from = positions.getOrDefault(partition, 0L);
                    long to = consumer.position(partition, POLL);
                    if (to > from) {
                        wishes.refuse(partition, from, to);
                        positions.put(partition, to);
                        heardNanos.put(partition, System.nanoTime());
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        /** Deleted from the log's beginning, or cut off at its end. */
        private void outOfRange(OffsetOutOfRangeException e) {
            Set<TopicPartition> partitions = e.offsetOutOfRangePartitions().keySet();
            Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            lock.lock();
            try {
                for (TopicPartition partition : partitions) {
                    wishes.refuse(partition, 0, beginnings.getOrDefault(partition, 0L));
                    Long end = ends.get(partition);
                    if (end != null) {
                        wishes.refuse(partition, end, Long.MAX_VALUE);
                    }
                    positions.remove(partition);
                }
            } finally {
                lock.unlock();
            }
        }

        /** Of partitions that do not exist any more. */
        private void refuseLost() {
            long now = System.nanoTime();
            for (TopicPartition partition : consumer.assignment()) {
                Long heard = heardNanos.get(partition);
                if (heard != null && now - heard > SILENCE.toNanos()) {
                    heardNanos.put(partition, now);
                    refuseIfLost(partition);
                }
            }
        }

        private void refuseIfLost(TopicPartition partition) {
            try {
                List<PartitionInfo> known = consumer.partitionsFor(partition.topic(), SILENCE);
                if (known.stream().anyMatch(each -> each.partition() == partition.partition())) {
                    return;
                }
            } catch (KafkaException e) {
                log.atDebug().setCause(e).log("whether the partition exists is not known");
                return;
            }
            lock.lock();
            try {
                wishes.refuse(partition, 0, Long.MAX_VALUE);
            } finally {
                lock.unlock();
            }
        }
    }
}
