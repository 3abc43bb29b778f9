package dev.gantry.intake;

import dev.gantry.intake.position.SkippedRequests;
import dev.gantry.intake.position.UnreadableRecord;
import dev.gantry.reread.FetchGuard;
import dev.gantry.reread.LogPiece;
import dev.gantry.reread.LogReader;
import dev.gantry.reread.RawFetch;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Partitions that are read apart for a while, because the client would trip over what stands in
 * them: what can be read is taken piece by piece, what cannot is passed over after some tries and
 * said. All other partitions go on meanwhile. Used on the consumer thread only.
 */
public final class Takeovers {
    private static final Logger log = LoggerFactory.getLogger(Takeovers.class);

    /** What the network or a page of memory garbled is read right the next time. */
    private static final int TRIES = 3;

    private static final Duration REST = Duration.ofSeconds(1);
    private static final int LOT_RECORDS = 100;

    private final Assignments assignments;
    private final RequestListener listener;
    private final SkippedRequests skipped;
    private final FetchGuard.Bounds bounds;
    private final Map<TopicPartition, Takeover> open = new HashMap<>();
    private final Map<TopicPartition, Tries> tries = new HashMap<>();

    /** How often a place was found damaged, and what was last passed over before it. */
    private record Tries(long offset, int count, long passed) {}

    /** One fetch on its way; ends with the assignment. */
    private static final class Takeover {
        private final AssignedPartition work;
        private final RawFetch fetch;
        private final LogReader reader;
        private final int setbacks;
        private LogPiece.@Nullable Damaged again;
        private long restsUntilNanos;

        private Takeover(AssignedPartition work, RawFetch fetch, long largest) {
            this.work = work;
            this.fetch = fetch;
            this.setbacks = work.setbacks();
            this.reader = new LogReader(fetch, largest);
        }

        /** Whether another log stands there since, of which this fetch says nothing. */
        private boolean stale() {
            return work.pending() || work.setbacks() != setbacks;
        }
    }

    public Takeovers(
            Assignments assignments,
            RequestListener listener,
            SkippedRequests skipped,
            FetchGuard.Bounds bounds) {
        this.assignments = assignments;
        this.listener = listener;
        this.skipped = skipped;
        this.bounds = bounds;
    }

    /** Whether the client is to leave it alone. */
    boolean holds(TopicPartition partition) {
        return open.containsKey(partition);
    }

    /** Takes what was kept from the client, if it is still what would be read next. */
    void take(Consumer<?, ?> consumer, List<RawFetch> fetches) {
        for (RawFetch each : fetches) {
            AssignedPartition work = assignments.of(each.partition());
            // The position stays where it is until the takeover ends: the client may have fetched
            // the same once more before it was paused.
            if (work == null || holds(each.partition()) || place(consumer, each) != Place.HERE) {
                continue;
            }
            // Whoever leaves alone what is held pauses it before the next poll, if it still is
            // then.
            open.put(each.partition(), new Takeover(work, each, bounds.record()));
        }
    }

    /** Where the client goes on, seen from where a fetch begins. */
    private enum Place {
        HERE,
        ELSEWHERE,
        /** The broker is asked whether the log is the one that was read. */
        UNCLEAR
    }

    private static Place place(Consumer<?, ?> consumer, RawFetch fetch) {
        try {
            long position = consumer.position(fetch.partition(), Duration.ZERO);
            return position == fetch.offset() ? Place.HERE : Place.ELSEWHERE;
        } catch (TimeoutException _) {
            return Place.UNCLEAR;
        } catch (KafkaException | IllegalStateException _) {
            return Place.ELSEWHERE; // it is not ours any more, or is looked for elsewhere
        }
    }

    /** Goes on a little in each; what is done goes back to the client. */
    void proceed(Consumer<?, ?> consumer) {
        if (open.isEmpty() && tries.isEmpty()) {
            return;
        }
        open.entrySet().removeIf(each -> assignments.of(each.getKey()) != each.getValue().work);
        tries.keySet().removeIf(partition -> assignments.of(partition) == null);
        open.entrySet().removeIf(each -> over(consumer, each.getKey(), each.getValue()));
    }

    private boolean over(Consumer<?, ?> consumer, TopicPartition partition, Takeover takeover) {
        Place place = takeover.stale() ? Place.ELSEWHERE : place(consumer, takeover.fetch);
        if (place != Place.HERE) {
            return place == Place.ELSEWHERE;
        }
        if (System.nanoTime() - takeover.restsUntilNanos < 0 && takeover.again != null) {
            return false;
        }
        if (takeover.again != null) {
            consumer.seek(partition, takeover.again.from());
            return true;
        }
        List<ConsumerRecord<byte[], byte[]>> lot = new ArrayList<>();
        boolean ended = read(partition, takeover, lot);
        listener.onMessage(lot);
        if (ended) {
            consumer.seek(partition, takeover.reader.position());
        }
        return ended;
    }

    /** False if there is more. */
    private boolean read(
            TopicPartition partition, Takeover takeover, List<ConsumerRecord<byte[], byte[]>> lot) {
        long bytes = 0;
        while (lot.size() < LOT_RECORDS && bytes < bounds.record()) {
            switch (takeover.reader.next()) {
                case null -> {
                    return true;
                }
                case LogPiece.Found found -> {
                    bytes += found.size();
                    lot.add(found.record());
                }
                case LogPiece.TooLarge large -> {
                    bytes += large.bytes(); // inflated as any other, if not held
                    said(partition, SkippedRequests.Reason.TOO_LARGE, large.offset(), large.next());
                    lot.add(UnreadableRecord.of(partition, large, bounds.record()));
                }
                case LogPiece.Damaged damaged -> {
                    if (again(partition, damaged)) {
                        takeover.again = damaged;
                        takeover.restsUntilNanos = System.nanoTime() + REST.toNanos();
                        return false;
                    }
                    said(partition, SkippedRequests.Reason.DAMAGED, damaged.from(), damaged.next());
                    lot.add(UnreadableRecord.of(partition, damaged));
                }
            }
        }
        return false;
    }

    /** Whether it is to be fetched once more; not so what goes on from what was just passed. */
    private boolean again(TopicPartition partition, LogPiece.Damaged damaged) {
        Tries before = tries.getOrDefault(partition, new Tries(-1, 0, -1));
        int count = before.offset() == damaged.from() ? before.count() + 1 : 1;
        boolean enough = count >= TRIES || before.passed() == damaged.from();
        tries.put(
                partition,
                new Tries(damaged.from(), count, enough ? damaged.next() : before.passed()));
        if (count == 1 && !enough) {
            log.atWarn()
                    .addKeyValue("partition", partition)
                    .addKeyValue("offset", damaged.from())
                    .addKeyValue("reason", damaged.reason())
                    .log("records cannot be read; they are fetched again");
        }
        return !enough;
    }

    private void said(
            TopicPartition partition, SkippedRequests.Reason reason, long from, long next) {
        skipped.add(new SkippedRequests.Place(partition, reason, next - from, from, next - 1));
    }
}
