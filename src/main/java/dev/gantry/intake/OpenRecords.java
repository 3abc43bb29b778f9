package dev.gantry.intake;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * The records of one partition that were taken and are not done, also such as are of a log that is
 * no more. Not thread-safe: {@link AssignedPartition} guards it.
 */
final class OpenRecords {
    private final HeldRecords held;
    private final NavigableMap<Long, InFlightRecord> open = new TreeMap<>();

    /** Of a log that is no more: they come to their ends, and complete no offset. */
    private final Set<InFlightRecord> strays = new HashSet<>();

    private final RecentRecords recent = new RecentRecords();

    /** Recent ones that may be delivered again, as the reading has begun anew. */
    private final Map<Long, InFlightRecord> earlier = new HashMap<>();

    /** What a delivered record turned out to be. */
    enum Delivery {
        NEW,
        /** Delivered before, and still at work. */
        AT_WORK,
        /** Delivered before, and done since. */
        DONE
    }

    /** How a record came to its end. */
    enum End {
        /** Its offset is done. */
        OFFSET,
        STRAY,
        /** It was not open. */
        NONE
    }

    /**
     * @param held counts over all partitions
     */
    OpenRecords(HeldRecords held) {
        this.held = held;
    }

    Delivery take(InFlightRecord inFlight) {
        InFlightRecord same = earlier.remove(inFlight.offset());
        if (same == null || !same.isOf(inFlight)) {
            open.put(inFlight.offset(), inFlight);
            recent.add(inFlight);
            held.add(inFlight);
            return Delivery.NEW;
        }
        recent.add(same);
        if (strays.remove(same)) {
            open.put(same.offset(), same);
            return Delivery.AT_WORK;
        }
        return Delivery.DONE;
    }

    End end(InFlightRecord inFlight) {
        boolean ours = open.remove(inFlight.offset(), inFlight);
        if (!ours && !strays.remove(inFlight)) {
            return End.NONE;
        }
        held.remove(inFlight);
        inFlight.record(null);
        return ours ? End.OFFSET : End.STRAY;
    }

    /** Of this one, only the position is kept. */
    void drop(InFlightRecord inFlight) {
        if (has(inFlight)) {
            held.bytes(-inFlight.held());
            inFlight.record(null);
        }
    }

    /** What was dropped is here again. */
    void refill(InFlightRecord inFlight, ConsumerRecord<byte[], byte[]> record) {
        if (has(inFlight)) {
            inFlight.record(record);
            held.bytes(inFlight.held());
        }
    }

    private boolean has(InFlightRecord inFlight) {
        return open.get(inFlight.offset()) == inFlight || strays.contains(inFlight);
    }

    /** What is read from this offset on is of another log. */
    void strayFrom(long offset) {
        Map<Long, InFlightRecord> gone = open.tailMap(offset, true);
        strays.addAll(gone.values());
        gone.clear();
    }

    /** What was read lately is about to be delivered again. */
    void readAgain() {
        // Those of a reset before this one may still be to come as well.
        earlier.putAll(recent.take());
    }

    /** What arrived before this moment is of the log that is known. */
    void verified(long beforeNanos) {
        recent.settled(beforeNanos);
    }

    /** Whether another record stood at its offset lately. */
    boolean strange(InFlightRecord inFlight) {
        return recent.strange(inFlight);
    }

    List<InFlightRecord> all() {
        List<InFlightRecord> all = new ArrayList<>(open.values());
        all.addAll(strays);
        return all;
    }

    /** Nothing is open any more. Returns what was. */
    List<InFlightRecord> close() {
        List<InFlightRecord> left = all();
        left.forEach(held::remove);
        open.clear();
        strays.clear();
        return left;
    }

    /** Those of the log that is read now. */
    int size() {
        return open.size();
    }

    /** That with the lowest offset; null: none is open. */
    @Nullable InFlightRecord oldest() {
        return open.isEmpty() ? null : open.firstEntry().getValue();
    }
}
