package dev.gantry.chaos;

import static java.util.stream.Collectors.toSet;

import dev.gantry.testbed.ConsumedRecord;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** One topic of a fleet, read on and on; one thread uses it. */
final class TopicTail implements AutoCloseable {
    private static final long STEP_NANOS = Duration.ofMillis(50).toNanos();

    private final TopicReader reader;
    private final List<ConsumedRecord> words = new ArrayList<>();

    TopicTail(Fleet fleet, String topic) {
        this.reader = fleet.read(topic);
    }

    /** All that was said of requests whose custom_id begins so. */
    List<ConsumedRecord> of(String stem) {
        readOn();
        return words.stream().filter(each -> each.at("/custom_id").startsWith(stem)).toList();
    }

    /** The attempts of all other requests. */
    Set<String> attemptsBut(String stem) {
        readOn();
        return words.stream()
                .filter(each -> !each.at("/custom_id").startsWith(stem))
                .map(each -> each.at("/attempt_id"))
                .collect(toSet());
    }

    private void readOn() {
        List<ConsumerRecord<byte[], byte[]>> all = reader.all();
        all.subList(words.size(), all.size()).forEach(each -> words.add(ConsumedRecord.of(each)));
    }

    /** All of these once it is enough, or after the limit. */
    List<ConsumedRecord> of(String stem, Duration limit, Predicate<List<ConsumedRecord>> enough) {
        long deadline = System.nanoTime() + limit.toNanos();
        List<ConsumedRecord> found = of(stem);
        while (!enough.test(found) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(STEP_NANOS);
            found = of(stem);
        }
        return found;
    }

    @Override
    public void close() {
        reader.close();
    }
}
