package dev.gantry.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Whose answers are read although the budget is spent: at most two at once. Whoever is slow keeps
 * what it has and loses its place to the next in line, as long as what the others keep fits.
 *
 * <p>Progress is measured by amount: a server that sends a byte now and then holds its place no
 * longer than one that sends none. Guarded by the budget's lock.
 */
final class Overdrafts {
    /** Bytes within the patience. Whoever receives less is slow. */
    static final int ENOUGH = 64 * 1024;

    private static final int MOST = 2;

    private final List<Overdraft> places = new ArrayList<>(MOST);
    private final Duration patience;

    Overdrafts(Duration patience) {
        this.patience = patience;
    }

    boolean contain(Hold hold) {
        return places.stream().anyMatch(each -> each.hold == hold);
    }

    void remove(Hold hold) {
        places.removeIf(each -> each.hold == hold);
    }

    /**
     * Gives the hold a place, if all that have one are slow.
     *
     * @param used weighed bytes of all
     * @param most weighed bytes that those without a place may keep
     */
    boolean enter(Hold hold, long used, long most) {
        long now = System.nanoTime();
        boolean slow = true;
        for (Overdraft each : places) {
            slow &= each.slow(now);
        }
        if (!slow || (places.size() == MOST && !makePlace(hold, used, most))) {
            return false;
        }
        places.add(new Overdraft(hold, now));
        hold.exempt(true);
        return true;
    }

    /** Whoever has least leaves, for what it keeps is the least that is added to the others'. */
    private boolean makePlace(Hold next, long used, long most) {
        places.sort(Comparator.comparingLong(each -> each.hold.taken()));
        long staying = places.stream().skip(1).mapToLong(each -> each.hold.taken()).sum();
        if (used - staying - next.taken() > most) {
            return false;
        }
        places.removeFirst().hold.exempt(false);
        return true;
    }

    /** A hold that waits no more, and how fast it was when it was last measured. */
    private final class Overdraft {
        final Hold hold;
        private long received;
        private long sinceNanos;
        private boolean slow;

        Overdraft(Hold hold, long now) {
            this.hold = hold;
            this.received = hold.received();
            this.sinceNanos = now;
        }

        boolean slow(long now) {
            double elapsed = (double) (now - sinceNanos) / patience.toNanos();
            if (elapsed >= 1) {
                long before = received;
                received = hold.received();
                sinceNanos = now;
                slow = received - before < ENOUGH * elapsed;
            }
            return slow;
        }
    }
}
