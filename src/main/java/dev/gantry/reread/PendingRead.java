package dev.gantry.reread;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.CountDownLatch;

/** One caller that waits for a record to be read again. */
final class PendingRead {
    private final TopicPartition partition;
    private final long offset;
    private final CountDownLatch answered = new CountDownLatch(1);

    /** Written once, before the latch is counted down. */
    private @Nullable Answer answer;

    /** Guarded by the lock of the list. */
    private int failures;

    /** How a read ends. */
    sealed interface Answer {
        /** It is there. */
        record Found(ConsumerRecord<byte[], byte[]> record) implements Answer {}

        /** The broker no longer has it. */
        record Gone() implements Answer {}

        /** It cannot be read, for no fault of the broker's. */
        record Failed(Throwable cause) implements Answer {}

        /** Nobody reads any more; the record may well be there. */
        record Withdrawn() implements Answer {}
    }

    PendingRead(TopicPartition partition, long offset) {
        this.partition = partition;
        this.offset = offset;
    }

    TopicPartition partition() {
        return partition;
    }

    long offset() {
        return offset;
    }

    /** How often reading has failed since it was wished. */
    int failedAgain() {
        return ++failures;
    }

    /** Called once, by whoever took the read off the list. */
    void answer(Answer found) {
        answer = found;
        answered.countDown();
    }

    Answer await() throws InterruptedException {
        answered.await();
        if (answer == null) {
            throw new IllegalStateException("answered without an answer");
        }
        return answer;
    }
}
