package dev.gantry.provider.http;

/** The end of the time for connecting, on the monotonic clock. */
record Expiry(long nanoTime) {
    long left() {
        return Math.max(0, nanoTime - System.nanoTime());
    }

    /** What is left, at least 1: to a socket, 0 means forever. */
    int millis() {
        return millis(Long.MAX_VALUE);
    }

    int millis(long atMostNanos) {
        long millis = Math.min(left(), atMostNanos) / 1_000_000;
        return Math.clamp(millis, 1, Integer.MAX_VALUE);
    }
}
