package dev.gantry.dialect;

import java.util.function.Consumer;

/**
 * Reads one streamed answer as its bytes come. For one thread and one answer; never throws,
 * whatever the bytes are and wherever they are cut.
 */
public interface StreamReader {
    /**
     * Takes the next bytes of the body. Each delta that they complete goes to {@code deltas}, in
     * order, as a chunk in OpenAI's form (JSON in UTF-8).
     *
     * @param length of {@code bytes}, from its beginning
     */
    void take(byte[] bytes, int length, Consumer<byte[]> deltas);

    /** What all that came makes together; called once, at the end or where the stream was cut. */
    Ended end();

    /**
     * The stream as one answer.
     *
     * @param reading the joined answer in OpenAI's form, with the usage that was told
     * @param whole false where the stream ends before its answer does
     */
    record Ended(WireFormat.Reading reading, boolean whole) {}
}
