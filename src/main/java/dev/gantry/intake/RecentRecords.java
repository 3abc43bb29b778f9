package dev.gantry.intake;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * The records of the last few seconds. A topic that is made anew is noticed a moment later; what
 * was read of it until then is delivered again when its reading begins at its beginning, and must
 * not be worked on twice. Not thread-safe: {@link AssignedPartition} guards it.
 */
final class RecentRecords {
    /** Some seconds of the fastest worker. */
    private static final int MOST = 20_000;

    private final Deque<InFlightRecord> records = new ArrayDeque<>();

    void add(InFlightRecord inFlight) {
        records.addLast(inFlight);
        if (records.size() > MOST) {
            records.removeFirst();
        }
    }

    /** What arrived before is known to be of the log that is read now. */
    void settled(long beforeNanos) {
        while (!records.isEmpty() && records.getFirst().arrivedNanos() - beforeNanos < 0) {
            records.removeFirst();
        }
    }

    /** Whether the last one from this offset was of another record; false if there was none. */
    boolean strange(InFlightRecord again) {
        Iterator<InFlightRecord> latest = records.descendingIterator();
        while (latest.hasNext()) {
            InFlightRecord each = latest.next();
            if (each.offset() == again.offset()) {
                return !each.isOf(again);
            }
        }
        return false;
    }

    /** By offset; none is recent any more. */
    Map<Long, InFlightRecord> take() {
        Map<Long, InFlightRecord> taken = new HashMap<>();
        records.forEach(inFlight -> taken.put(inFlight.offset(), inFlight));
        records.clear();
        return taken;
    }
}
