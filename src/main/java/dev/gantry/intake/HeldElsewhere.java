package dev.gantry.intake;

import dev.gantry.handover.HandoverRow;
import dev.gantry.inference.SourcePosition;
import dev.gantry.intake.position.UnreadableRecord;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The requests of one partition that other workers finish: open, and worked on by nobody here. Not
 * thread-safe: {@link AssignedPartition} guards it.
 */
final class HeldElsewhere {
    private final NavigableMap<Long, Holding> holdings = new TreeMap<>();

    /**
     * Who holds it.
     *
     * @param delivered the record, without its body; null: it is still to come
     */
    record Holding(SourcePosition request, String worker, @Nullable InFlightRecord delivered) {}

    void add(HandoverRow row) {
        holdings.put(row.request().offset(), new Holding(row.request(), row.worker(), null));
    }

    /** Takes a delivered record; false if nobody else holds it. */
    boolean take(InFlightRecord inFlight) {
        Holding known = holdings.get(inFlight.offset());
        if (known == null || known.request().timestamp() != inFlight.timestamp()) {
            holdings.remove(inFlight.offset()); // another record stands there now
            return false;
        }
        if (!(inFlight.record() instanceof UnreadableRecord)) {
            inFlight.record(null); // it can be read again; the other is no more than why it cannot
        }
        holdings.put(inFlight.offset(), new Holding(known.request(), known.worker(), inFlight));
        return true;
    }

    /** It is held no longer. Returns what is known of it; null: it was not held. */
    @Nullable Holding remove(SourcePosition request) {
        Holding known = holdings.get(request.offset());
        if (known == null || !known.request().equals(request)) {
            return null;
        }
        return holdings.remove(request.offset());
    }

    /** What is done is held by nobody. */
    void done(long offset) {
        holdings.remove(offset);
    }

    /** Everything below has been delivered: what has not come is not coming. */
    void delivered(long position) {
        if (!holdings.isEmpty()) { // mostly, and this is asked for each record
            holdings.headMap(position).values().removeIf(each -> each.delivered() == null);
        }
    }

    /** What is read from this offset on is of another log. */
    void strayFrom(long offset) {
        holdings.tailMap(offset, true).clear();
    }

    List<SourcePosition> requests() {
        List<SourcePosition> requests = new ArrayList<>();
        holdings.values().forEach(each -> requests.add(each.request()));
        return requests;
    }

    /** Delivered ones. */
    int size() {
        return (int) holdings.values().stream().filter(each -> each.delivered() != null).count();
    }

    /** The delivered one with the lowest offset; null: there is none. */
    @Nullable Holding oldest() {
        return holdings.values().stream()
                .filter(each -> each.delivered() != null)
                .findFirst()
                .orElse(null);
    }
}
