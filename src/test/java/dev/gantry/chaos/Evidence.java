package dev.gantry.chaos;

import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** One topic of a fleet, read on and on; one thread uses it. */
final class Evidence implements AutoCloseable {
    private static final long STEP_NANOS = Duration.ofMillis(50).toNanos();

    private final TopicReader reader;
    private final List<Word> words = new ArrayList<>();

    Evidence(Fleet fleet, String topic) {
        this.reader = fleet.read(topic);
    }

    /** All that was said of requests whose custom_id begins so. */
    List<Word> of(String stem) {
        List<ConsumerRecord<byte[], byte[]>> all = reader.all();
        all.subList(words.size(), all.size()).forEach(each -> words.add(Word.of(each)));
        return words.stream().filter(each -> each.at("/custom_id").startsWith(stem)).toList();
    }

    /** The same once it is enough, or after the limit. */
    List<Word> of(String stem, Duration limit, Predicate<List<Word>> enough) {
        long deadline = System.nanoTime() + limit.toNanos();
        List<Word> found = of(stem);
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
