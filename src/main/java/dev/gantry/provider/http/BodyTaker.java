package dev.gantry.provider.http;

import dev.gantry.inference.Answer;

/** Takes an answer's body as it comes, on the call's thread; never throws. */
public interface BodyTaker {
    /**
     * The next bytes.
     *
     * @param length of {@code bytes}, from its beginning; the array is used again
     */
    void take(byte[] bytes, int length);

    /** About how many bytes it keeps of what it has taken. */
    long kept();

    /** Whether it holds its own end, so that nothing more is to be expected. */
    boolean closed();

    /** Nothing follows; once. */
    Taken end();

    /** What was taken is no answer: the rest of it will not come. After its end. */
    void lost();

    /**
     * All of it.
     *
     * @param whole whether it holds its own end
     * @param begun whether a part of it was told before
     */
    record Taken(Answer answer, boolean whole, boolean begun) {}
}
