package dev.gantry.outbox;

import java.time.Duration;

/**
 * How full the spool is.
 *
 * @param records those set aside included
 * @param age of the oldest that is to be published; zero: there is none
 */
record SpoolSize(long records, long bytes, Duration age, long setAside) {
    static final SpoolSize EMPTY = new SpoolSize(0, 0, Duration.ZERO, 0);

    SpoolSize plus(long moreRecords, long moreBytes) {
        return new SpoolSize(records + moreRecords, bytes + moreBytes, age, setAside);
    }
}
