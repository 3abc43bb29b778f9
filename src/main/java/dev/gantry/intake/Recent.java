package dev.gantry.intake;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * The tickets of the last few seconds. A topic that is made anew is noticed a moment later; what
 * was read of it until then is delivered again when its reading begins at its beginning, and must
 * not be worked on twice. Not thread-safe: {@link PartitionWork} guards it.
 */
final class Recent {
    /** Some seconds of the fastest worker. */
    private static final int MOST = 20_000;

    private final Deque<Ticket> tickets = new ArrayDeque<>();

    void add(Ticket ticket) {
        tickets.addLast(ticket);
        if (tickets.size() > MOST) {
            tickets.removeFirst();
        }
    }

    /** What arrived before is known to be of the log that is read now. */
    void settled(long beforeNanos) {
        while (!tickets.isEmpty() && tickets.getFirst().arrivedNanos() - beforeNanos < 0) {
            tickets.removeFirst();
        }
    }

    /** Whether the last one from this offset was of another record; false if there was none. */
    boolean strange(Ticket again) {
        Iterator<Ticket> latest = tickets.descendingIterator();
        while (latest.hasNext()) {
            Ticket each = latest.next();
            if (each.offset() == again.offset()) {
                return !each.isOf(again);
            }
        }
        return false;
    }

    /** By offset; none is recent any more. */
    Map<Long, Ticket> take() {
        Map<Long, Ticket> taken = new HashMap<>();
        tickets.forEach(ticket -> taken.put(ticket.offset(), ticket));
        tickets.clear();
        return taken;
    }
}
