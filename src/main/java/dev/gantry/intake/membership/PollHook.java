package dev.gantry.intake.membership;

import dev.gantry.reread.RawFetch;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.InvalidOffsetException;

import java.time.Duration;
import java.util.List;

/** What is done around each poll, on the consumer's thread. */
public interface PollHook {
    /** The loop came by. */
    void beat();

    /** Whether the worker is to be no member of its group for now. */
    boolean withdrawn();

    /** Returns how long the poll may wait. */
    Duration beforePoll(Consumer<byte[], byte[]> consumer, Duration timeout);

    /** The poll has kept these from the client. */
    void taken(Consumer<byte[], byte[]> consumer, List<RawFetch> fetches);

    /** The consumer knows no position that it could read from. */
    void invalid(Consumer<byte[], byte[]> consumer, InvalidOffsetException found);

    /** The consumer is gone, and no partition is ours until the next one has joined. */
    void closed();
}
