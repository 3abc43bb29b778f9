package dev.gantry.provider.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Reads one answer's body, each byte reserved before it is read. Used by one thread, once. */
final class BodyReading {
    /** Of a body whose length is not announced; later pieces are larger. */
    private static final int FIRST_PIECE = 8192;

    private static final int LARGEST_PIECE = 1 << 20;

    private final InputStream body;
    private final Reservation reservation;
    private final Beginning beginning;
    private final List<byte[]> pieces = new ArrayList<>();
    private int reserved;
    private int total;

    /** How reading ended. */
    sealed interface Body {
        /** To its end. */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Whole(byte[] bytes) implements Body {}

        /**
         * Cut before the end that its framing promised.
         *
         * @param begun what came of it
         */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Broken(byte[] begun, IOException why) implements Body {}

        /** Over the limit. */
        record Oversize() implements Body {}
    }

    /** Its first byte has come. */
    interface Beginning {
        void begun() throws IOException;
    }

    BodyReading(InputStream body, Reservation reservation, Beginning beginning) {
        this.body = body;
        this.reservation = reservation;
        this.beginning = beginning;
    }

    /**
     * To its end, once.
     *
     * @param length negative where it is not announced
     */
    Body read(long length, int limit) {
        if (length > limit) {
            return new Body.Oversize();
        }
        try {
            boolean within = length >= 0 ? announced((int) length) : unannounced(limit);
            return within ? new Body.Whole(joined()) : new Body.Oversize();
        } catch (IOException e) {
            return new Body.Broken(joined(), e);
        }
    }

    /**
     * Reserved whole once its first byte is there: it can be read to its end then, and a server
     * that sends nothing after the head takes no room.
     */
    private boolean announced(int length) throws IOException {
        int first = length > 0 ? body.read() : -1;
        if (first >= 0) {
            byte[] whole = begin(length);
            whole[0] = (byte) first;
            total++;
            fill(whole, 1);
        }
        // Reading to the very end is what tells a whole body from a short one.
        body.read();
        return true;
    }

    /** Reserved piece by piece, and nothing before the first byte is there. */
    private boolean unannounced(int limit) throws IOException {
        int next = body.read();
        while (next >= 0) {
            if (total == limit) {
                return false;
            }
            byte[] piece =
                    begin(
                            Math.min(
                                    limit - total,
                                    Math.clamp(total / 2, FIRST_PIECE, LARGEST_PIECE)));
            piece[0] = (byte) next;
            total++;
            next = fill(piece, 1) ? body.read() : -1;
        }
        return true;
    }

    private byte[] begin(int length) throws IOException {
        if (pieces.isEmpty()) {
            beginning.begun();
        }
        reservation.take(length);
        reserved += length;
        byte[] piece = new byte[length];
        pieces.add(piece);
        return piece;
    }

    /** False if the body ended before the array was full. */
    private boolean fill(byte[] bytes, int from) throws IOException {
        int at = from;
        while (at < bytes.length) {
            int count = body.read(bytes, at, bytes.length - at);
            if (count < 0) {
                return false;
            }
            at += count;
            total += count;
            reservation.received(count);
        }
        return true;
    }

    private byte[] joined() {
        reservation.giveBack(reserved - total);
        if (pieces.size() == 1 && pieces.getFirst().length == total) {
            return pieces.getFirst();
        }
        byte[] whole = new byte[total];
        int at = 0;
        for (byte[] piece : pieces) {
            int length = Math.min(piece.length, total - at);
            System.arraycopy(piece, 0, whole, at, length);
            at += length;
        }
        return whole;
    }
}
