package dev.gantry.dialect;

import java.util.List;
import java.util.function.Consumer;

/**
 * Reads one streamed answer as its bytes come. For one thread and one answer; never throws,
 * whatever the bytes are and wherever they are cut.
 */
public interface StreamReader {
    /**
     * Takes the next bytes of the body. Each delta that they complete goes to {@code deltas}, in
     * order, as a chunk in OpenAI's form (JSON in UTF-8; the taker's own).
     *
     * <p>Chunks that open the message but say nothing yet (a role, an empty text) wait for the
     * first that does: until then another provider may take over. Those that close the answer (a
     * finish reason, the usage behind it) wait for its end, where the last of them is known.
     *
     * @param length of {@code bytes}, from its beginning
     */
    void take(byte[] bytes, int length, Consumer<byte[]> deltas);

    /** Whether the stream has said that nothing follows. */
    default boolean closed() {
        return false;
    }

    /** What all that came makes together; called once, at the end or where the stream was cut. */
    Ended end();

    /**
     * The stream as one answer.
     *
     * @param reading the joined answer in OpenAI's form, with the usage that was told; an error
     *     among the events is the answer, and no good one
     * @param whole false where the stream ends before its answer does; the reading then holds what
     *     came of it, as no JSON
     * @param closing chunks that no delta told yet, in order
     */
    record Ended(WireFormat.Reading reading, boolean whole, List<byte[]> closing) {
        public Ended {
            closing = List.copyOf(closing);
        }
    }
}
