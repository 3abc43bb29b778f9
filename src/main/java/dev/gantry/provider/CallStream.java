package dev.gantry.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Chunk;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * One call's deltas on their way to whoever reads along, numbered, with an end that can be told.
 * Used by the call's thread.
 */
public final class CallStream implements DeltaSink {
    private static final byte[] NOTHING_MORE =
            "{\"object\":\"chat.completion.chunk\",\"choices\":[]}".getBytes(UTF_8);

    private final AttemptId attempt;
    private final Predicate<Chunk> reader;
    private final BooleanSupplier leads;
    private final LongSupplier nanos;
    private final long began;
    private List<byte[]> closing = List.of();
    private @Nullable Duration firstDelta;
    private @Nullable Usage came;
    private long sequence;
    private boolean published;

    /**
     * Begins with the call.
     *
     * @param reader takes a chunk, or says that it is lost
     * @param leads asked with each chunk: whether no other call's are told
     */
    public CallStream(
            AttemptId attempt, Predicate<Chunk> reader, BooleanSupplier leads, LongSupplier nanos) {
        this.attempt = attempt;
        this.reader = reader;
        this.leads = leads;
        this.nanos = nanos;
        this.began = nanos.getAsLong();
    }

    @Override
    public void delta(byte[] chunk) {
        if (firstDelta == null) {
            firstDelta = Duration.ofNanos(nanos.getAsLong() - began);
        }
        publish(chunk, false);
    }

    @Override
    public void closing(List<byte[]> chunks) {
        closing = chunks;
    }

    @Override
    public void cut(Usage usage) {
        came = usage;
    }

    /**
     * The call has ended: what closes its answer is told, and where a part of it was told without
     * being the answer, why.
     *
     * @param failure null: it has succeeded
     */
    public void ended(@Nullable ErrorKind failure) {
        if (failure == null) {
            List<byte[]> all = closing.isEmpty() ? List.of(NOTHING_MORE) : closing;
            all.subList(0, all.size() - 1).forEach(each -> publish(each, false));
            publish(all.getLast(), true);
        } else if (published) {
            closing.forEach(each -> publish(each, false));
            publish(error(failure.label()), true);
        }
    }

    /** As OpenAI tells of an error in the middle of a stream; what it was, the result says. */
    private static byte[] error(String kind) {
        return """
        {"error":{"message":"the answer broke off: %1$s","type":"%1$s","param":null,"code":"broken_off"}}"""
                .formatted(kind)
                .getBytes(UTF_8);
    }

    private void publish(byte[] chunk, boolean last) {
        if (leads.getAsBoolean()) {
            published |= reader.test(new Chunk(attempt, sequence++, chunk, last));
        }
    }

    /** Whether somebody may have read a part of the answer. */
    public boolean published() {
        return published;
    }

    /** Null: nothing came in pieces. */
    public Attempt.@Nullable Streamed streamed() {
        return firstDelta == null && came == null ? null : new Attempt.Streamed(firstDelta, came);
    }
}
