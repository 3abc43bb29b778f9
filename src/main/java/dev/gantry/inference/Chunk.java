package dev.gantry.inference;

/**
 * A piece of a streamed answer, for whoever reads along.
 *
 * @param sequence from 0 within its attempt; a number that is missing was lost on the way
 * @param value a chunk in OpenAI's form, or an object with {@code error} where the stream broke off
 * @param last whether no other of its attempt follows
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Chunk(AttemptId attempt, long sequence, byte[] value, boolean last) {}
