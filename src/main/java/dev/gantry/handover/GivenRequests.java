package dev.gantry.handover;

import dev.gantry.inference.SourcePosition;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The requests that this worker finishes for partitions which it has given away, from before they
 * are written down until their ends are. Any thread.
 *
 * <p>An end that comes while the rows are being written is not told before they are: told too
 * early, it would meet no row, and the row would then say for ever that somebody works on it.
 */
final class GivenRequests {
    /** Guarded by this. */
    private final Map<SourcePosition, Given> given = new HashMap<>();

    /** Rows that are written together. */
    static final class Lot {
        private final List<SourcePosition> requests;
        private State state = State.WRITING;

        private Lot(List<SourcePosition> requests) {
            this.requests = List.copyOf(requests);
        }

        List<SourcePosition> requests() {
            return requests;
        }
    }

    private enum State {
        WRITING,
        WRITTEN,
        /** Nobody waits for it any more; it may be written all the same. */
        FORSAKEN,
        SETTLED
    }

    private enum End {
        DONE,
        GIVEN_UP
    }

    private static final class Given {
        private final Lot lot;
        private @Nullable End end;

        private Given(Lot lot) {
            this.lot = lot;
        }

        private boolean writing() {
            return lot.state == State.WRITING || lot.state == State.FORSAKEN;
        }
    }

    /** Ends that can be told now. */
    record Due(List<SourcePosition> done, List<SourcePosition> givenUp) {
        boolean isEmpty() {
            return done.isEmpty() && givenUp.isEmpty();
        }
    }

    /** These are about to be written; none of them ends before it is known here. */
    synchronized Lot open(Supplier<List<SourcePosition>> requests) {
        Lot lot = new Lot(requests.get());
        lot.requests.forEach(each -> given.put(each, new Given(lot)));
        return lot;
    }

    /** The table has them; false if nobody waited for that: they are taken back then. */
    synchronized boolean written(Lot lot) {
        if (lot.state == State.FORSAKEN) {
            takeBack(lot);
            return false;
        }
        lot.state = State.WRITTEN;
        return true;
    }

    /** Nobody waits any longer. Returns whether the table had them a moment before. */
    synchronized boolean forsake(Lot lot) {
        if (lot.state == State.WRITING) {
            lot.state = State.FORSAKEN;
        }
        return lot.state == State.WRITTEN;
    }

    /** The table did not answer; it may have them all the same. */
    synchronized void failed(Lot lot) {
        takeBack(lot);
    }

    private void takeBack(Lot lot) {
        lot.state = State.SETTLED;
        for (SourcePosition each : lot.requests) {
            Given known = given.get(each);
            if (known != null && known.lot == lot) {
                known.end = End.GIVEN_UP;
            }
        }
    }

    synchronized void ended(SourcePosition request) {
        end(request, End.DONE);
    }

    synchronized void givenUp(SourcePosition request) {
        end(request, End.GIVEN_UP);
    }

    /** The first word counts. */
    private void end(SourcePosition request, End end) {
        Given known = given.get(request);
        if (known != null && known.end == null) {
            known.end = end;
        }
    }

    /** Those still under way are given up, as the worker ends. */
    synchronized void giveUpAll() {
        given.values().stream()
                .filter(each -> each.end == null)
                .forEach(each -> each.end = End.GIVEN_UP);
    }

    synchronized Due due() {
        Due due = new Due(new ArrayList<>(), new ArrayList<>());
        given.forEach(
                (request, known) -> {
                    if (!known.writing() && known.end != null) {
                        (known.end == End.DONE ? due.done : due.givenUp).add(request);
                    }
                });
        return due;
    }

    /** The table knows; what has been given anew since goes on. */
    synchronized void told(Due due) {
        Set<SourcePosition> all = new HashSet<>(due.done);
        all.addAll(due.givenUp);
        given.entrySet()
                .removeIf(each -> all.contains(each.getKey()) && !each.getValue().writing());
    }

    /** Those of which nothing is known here: nobody works on them. */
    synchronized List<SourcePosition> strangers(Collection<SourcePosition> rows) {
        return rows.stream().filter(each -> !given.containsKey(each)).toList();
    }

    synchronized boolean isEmpty() {
        return given.isEmpty();
    }
}
