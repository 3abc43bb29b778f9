package dev.gantry.provider.http;

import dev.gantry.provider.http.BodyReading.Beginning;

import java.io.IOException;
import java.io.InputStream;

/**
 * Hands one answer's body on as it comes. What its taker keeps of it is reserved, and a piece
 * ahead. Used by one thread, once.
 */
final class StreamReading {
    private static final int PIECE = 8192;

    private final InputStream body;
    private final Reservation reservation;
    private final Beginning beginning;
    private final Beginning closing;
    private int reserved;

    /**
     * @param closing run when the taker has its end, and only that of the framing is to come
     */
    StreamReading(
            InputStream body, Reservation reservation, Beginning beginning, Beginning closing) {
        this.body = body;
        this.reservation = reservation;
        this.beginning = beginning;
        this.closing = closing;
    }

    /**
     * To its end.
     *
     * @param limit bytes that its taker may keep
     * @return false: it keeps more
     */
    boolean read(BodyTaker taker, int limit) throws IOException {
        int next = body.read();
        if (next < 0) {
            return true;
        }
        beginning.begun();
        reserve(PIECE);
        byte[] piece = new byte[PIECE];
        piece[0] = (byte) next;
        int count = 1 + Math.max(0, buffered(piece));
        while (count >= 0) {
            reservation.received(count);
            taker.take(piece, count);
            if (taker.kept() > limit) {
                return false;
            }
            if (taker.kept() + PIECE > reserved) {
                reserve((int) Math.max(PIECE, taker.kept() / 2));
            }
            if (taker.closed()) {
                closing.begun();
            }
            count = body.read(piece);
        }
        return true;
    }

    /** What is there already beside the first byte: nobody waits for more. */
    private int buffered(byte[] piece) throws IOException {
        int there = Math.min(body.available(), piece.length - 1);
        return there > 0 ? body.read(piece, 1, there) : 0;
    }

    private void reserve(int bytes) throws IOException {
        reservation.take(bytes);
        reserved += bytes;
    }

    /** The answer is there, and takes so much. */
    void settle(int bytes) {
        if (reserved > bytes) {
            reservation.giveBack(reserved - bytes);
            reserved = bytes;
        }
    }
}
