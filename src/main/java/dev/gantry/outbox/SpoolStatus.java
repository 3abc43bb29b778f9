package dev.gantry.outbox;

import java.time.Duration;

/**
 * What this worker knows of the fleet's spool, at most a few seconds old.
 *
 * @param reachable whether the database took the last statement
 * @param full whether it holds as much as it may, and the broker does not take records
 * @param records that wait, those set aside included
 * @param bytes of those
 * @param age of the oldest that is to be published; zero: there is none
 * @param setAside records that the broker will never take as they are
 * @param spooled records that this worker has written since its start
 * @param drained records that this worker has published from it since its start
 * @param poison records that this worker has set aside since its start
 */
public record SpoolStatus(
        boolean reachable,
        boolean full,
        long records,
        long bytes,
        Duration age,
        long setAside,
        long spooled,
        long drained,
        long poison) {
    /** Of a publisher that has no spool. */
    static final SpoolStatus NONE = new SpoolStatus(false, false, 0, 0, Duration.ZERO, 0, 0, 0, 0);
}
