package dev.gantry.reread;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One consumer on its way through the reads: seeks, polls, answers. Used by one thread. */
public final class RefetchPass {
    private static final Logger log = LoggerFactory.getLogger(RefetchPass.class);

    private static final Duration POLL = Duration.ofMillis(100);

    /** For what is asked besides; meanwhile no other partition is read. */
    private static final Duration QUESTION = Duration.ofSeconds(1);

    private static final int POLL_RECORDS = 500;

    /** Buffered per partition wished for: a hundred partitions are 25 MB. */
    private static final int PARTITION_BYTES = 256 * 1024;

    private static final int FETCH_BYTES = 8 * 1024 * 1024;

    /**
     * A fetch at the log's end waits at the broker, and with it the next read for another partition
     * of that broker.
     */
    private static final int FETCH_WAIT_MILLIS = 10;

    /** What is damaged so often is not what the network made of it. */
    private static final int DAMAGED_TRIES = 3;

    private final Consumer<byte[], byte[]> consumer;
    private final FetchGuard guard;
    private final long largest;
    private final PendingReads reads;
    private final Duration silence;
    private final Map<TopicPartition, Track> tracks = new HashMap<>();
    private boolean answered;

    /** Where one partition is read. */
    private static final class Track {
        private ReadCursor cursor = ReadCursor.unstarted();
        private long heardNanos = System.nanoTime();
        private boolean missed;
        private int damaged;
    }

    /**
     * @param consumer that has fetched nothing yet
     * @param silence a partition that says nothing for so long may not exist any more
     */
    RefetchPass(
            Consumer<byte[], byte[]> consumer,
            FetchGuard.Bounds bounds,
            PendingReads reads,
            Duration silence) {
        this.consumer = consumer;
        this.guard = FetchGuard.install(consumer, bounds);
        this.largest = bounds.record();
        this.reads = reads;
        this.silence = silence;
    }

    /** Consumer properties for single records, of those for the whole topic. */
    public static Map<String, Object> properties(Map<String, Object> given) {
        Map<String, Object> properties = new HashMap<>(given);
        properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
        properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        properties.remove(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
        properties.remove(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG);
        properties.computeIfPresent(ConsumerConfig.CLIENT_ID_CONFIG, (_, id) -> id + "-reread");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PARTITION_BYTES);
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
        return properties;
    }

    /** Whether any poll has brought anything. */
    boolean answered() {
        return answered;
    }

    /** Reads a little further in every partition wished for. */
    void pass() {
        Map<TopicPartition, ReadCursor> next = reads.next(this::cursor);
        if (next.isEmpty()) {
            // Withdrawn a moment ago; a consumer without partitions refuses to poll.
            return;
        }
        aim(next);
        try {
            guard.begin();
            take(consumer.poll(POLL));
            guard.taken().forEach(this::takeApart);
        } catch (OffsetOutOfRangeException e) {
            answerOutOfRange(e);
        }
        askAboutSilent();
    }

    private ReadCursor cursor(TopicPartition partition) {
        Track track = tracks.get(partition);
        return track == null ? ReadCursor.unstarted() : track.cursor;
    }

    private void aim(Map<TopicPartition, ReadCursor> next) {
        if (!next.keySet().equals(tracks.keySet())) {
            consumer.assign(next.keySet());
            tracks.keySet().retainAll(next.keySet());
        }
        next.forEach(
                (partition, cursor) -> {
                    tracks.computeIfAbsent(partition, _ -> new Track()).cursor = cursor;
                    if (cursor.seeks()) {
                        consumer.seek(partition, cursor.position());
                    }
                });
    }

    /**
     * The client would trip over it: what is whole in it is as good as any, what is not is gone for
     * whoever waits for it.
     */
    private void takeApart(RawFetch fetch) {
        Track track = tracks.get(fetch.partition());
        if (track == null || track.cursor.position() != fetch.offset()) {
            return;
        }
        LogReader reader = new LogReader(fetch, largest);
        long from = reader.position();
        for (LogPiece each = reader.next(); each != null; each = reader.next()) {
            if (each instanceof LogPiece.Damaged && ++track.damaged < DAMAGED_TRIES) {
                break;
            }
            List<ConsumerRecord<byte[], byte[]>> found =
                    each instanceof LogPiece.Found piece ? List.of(piece.record()) : List.of();
            reads.answer(fetch.partition(), from, each.next(), found);
            from = each.next();
        }
        track.cursor = track.cursor.reached(from, 0);
        track.heardNanos = System.nanoTime();
        answered = true;
        consumer.seek(fetch.partition(), from);
    }

    private void take(ConsumerRecords<byte[], byte[]> records) {
        records.nextOffsets().forEach((partition, next) -> take(partition, next.offset(), records));
    }

    private void take(TopicPartition partition, long to, ConsumerRecords<byte[], byte[]> records) {
        Track track = tracks.get(partition);
        if (track == null) {
            return;
        }
        List<ConsumerRecord<byte[], byte[]>> read = records.records(partition);
        reads.answer(partition, track.cursor.position(), to, read);
        track.cursor = track.cursor.reached(to, read.size());
        track.heardNanos = System.nanoTime();
        track.missed = false;
        track.damaged = 0;
        answered = true;
    }

    /** Deleted from the log's beginning, or cut off at its end. */
    private void answerOutOfRange(OffsetOutOfRangeException e) {
        Set<TopicPartition> partitions = e.offsetOutOfRangePartitions().keySet();
        if (confine(partitions) == 0) {
            // The broker contradicts itself, as a follower that lags behind does: later.
            throw e;
        }
        answered = true;
        for (TopicPartition partition : partitions) {
            tracks.computeIfPresent(partition, (_, _) -> new Track());
        }
    }

    private int confine(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions, QUESTION);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, QUESTION);
        int refused = 0;
        for (TopicPartition partition : partitions) {
            Long beginning = beginnings.get(partition);
            Long end = ends.get(partition);
            if (beginning != null && end != null) {
                refused += reads.confine(partition, beginning, end);
            }
        }
        return refused;
    }

    private void askAboutSilent() {
        long now = System.nanoTime();
        List<TopicPartition> there = new ArrayList<>();
        tracks.forEach(
                (partition, track) -> {
                    if (now - track.heardNanos > silence.toNanos()) {
                        track.heardNanos = now;
                        there.add(partition);
                    }
                });
        if (there.isEmpty()) {
            return;
        }
        try {
            there.removeIf(this::missing);
            confine(there);
        } catch (ApiException e) {
            log.atDebug().setCause(e).log("whether the partitions exist is not known");
        }
    }

    /**
     * Whether the metadata names no such partition. Believed the second time only: the answer ends
     * requests, and a broker that has just started may not know everything yet.
     */
    private boolean missing(TopicPartition partition) {
        List<PartitionInfo> known = consumer.partitionsFor(partition.topic(), QUESTION);
        if (known.stream().anyMatch(each -> each.partition() == partition.partition())) {
            return false;
        }
        Track track = tracks.get(partition);
        if (track != null && track.missed) {
            reads.confine(partition, Long.MAX_VALUE, Long.MAX_VALUE);
        } else if (track != null) {
            track.missed = true;
        }
        return true;
    }
}
