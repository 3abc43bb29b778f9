package dev.gantry.intake;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.InFlightRecord.Stage;
import dev.gantry.intake.position.HeldRecords;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The records of one partition that were taken and are not done, also such as are of a log that is
 * no more: what goes on with each, and which of them stay with this worker when the partition goes.
 * Any thread.
 */
final class OpenRecords {
    private final HeldRecords held;

    // All below are guarded by this.

    private final NavigableMap<Long, InFlightRecord> open = new TreeMap<>();

    /** Of a log that is no more: they come to their ends, and complete no offset. */
    private final Set<InFlightRecord> strays = new HashSet<>();

    private final RecentRecords recent = new RecentRecords();

    /** Recent ones that may be delivered again, as the reading has begun anew. */
    private final Map<Long, InFlightRecord> earlier = new HashMap<>();

    private int busy;
    private int parked;

    /** No more work begins. */
    private boolean leaving;

    /** Whether what goes on here stays when the partition goes. */
    private boolean kept;

    /** The assignment has ended. */
    private boolean gone;

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

    synchronized Delivery take(InFlightRecord inFlight) {
        InFlightRecord same = earlier.remove(inFlight.offset());
        if (same == null || !same.isOf(inFlight)) {
            open.put(inFlight.offset(), inFlight);
            recent.add(inFlight);
            held.add(inFlight.held());
            return Delivery.NEW;
        }
        recent.add(same);
        if (strays.remove(same)) {
            open.put(same.offset(), same);
            return Delivery.AT_WORK;
        }
        return Delivery.DONE;
    }

    synchronized End end(InFlightRecord inFlight) {
        boolean ours = open.remove(inFlight.offset(), inFlight);
        if (!ours && !strays.remove(inFlight)) {
            return End.NONE;
        }
        idle(inFlight);
        held.remove(inFlight.held());
        inFlight.record(null);
        return ours ? End.OFFSET : End.STRAY;
    }

    /** Work on a record begins; false if the partition is leaving. */
    synchronized boolean started(InFlightRecord inFlight) {
        if (!leaving) {
            goOn(inFlight);
        }
        return !leaving;
    }

    private void goOn(InFlightRecord inFlight) {
        inFlight.stage(Stage.AT_WORK);
        busy++;
    }

    private void idle(InFlightRecord inFlight) {
        if (inFlight.stage() == Stage.AT_WORK) {
            busy--;
        }
        inFlight.stage(Stage.IDLE);
        if (busy == 0) {
            notifyAll();
        }
    }

    /**
     * The record's work was given up; its offset stays undone, for whoever owns it next.
     *
     * @return whether others believe that this worker finishes it
     */
    synchronized boolean abandoned(InFlightRecord inFlight) {
        idle(inFlight);
        if (gone && end(inFlight) == End.NONE) {
            return false;
        }
        boolean given = inFlight.given();
        inFlight.given(false);
        return given;
    }

    /**
     * The record's request waits for a lane and is nobody's work meanwhile.
     *
     * @param lean whether its record is left on the broker, to be read again
     * @param begun whether lanes have been called for it
     */
    synchronized void parked(InFlightRecord inFlight, boolean lean, boolean begun) {
        parked++;
        if (lean && has(inFlight)) {
            held.bytes(-inFlight.held());
            inFlight.record(null);
        }
        idle(inFlight);
        inFlight.stage(begun ? Stage.WAITS_BEGUN : Stage.WAITS);
    }

    /**
     * The wait is over, and work goes on; false if the partition is leaving. What has begun goes on
     * until the partition is gone, and beyond if it was given.
     */
    synchronized boolean unparked(InFlightRecord inFlight) {
        boolean begun = inFlight.stage() == Stage.WAITS_BEGUN;
        boolean on = !leaving || (begun && (!gone || inFlight.given()));
        parked--;
        inFlight.stage(Stage.IDLE);
        if (on) {
            goOn(inFlight);
        }
        return on;
    }

    /** Requests that wait for a lane. */
    synchronized int parked() {
        return parked;
    }

    /** How many of them wait for their lanes, and not for room on a worker. */
    int limited(Predicate<LaneId> takesCalls) {
        int count = 0;
        for (InFlightRecord each : all()) {
            SuspendedRun run = each.waiting().get();
            if (run != null && !run.wantsOnlyRoom(takesCalls)) {
                count++;
            }
        }
        return count;
    }

    /** The record was read again; nothing changes if it is none of these any more. */
    synchronized void refill(InFlightRecord inFlight, ConsumerRecord<byte[], byte[]> record) {
        if (has(inFlight)) {
            inFlight.record(record);
            held.bytes(inFlight.held());
        }
    }

    /** Waits until no started record is unfinished; false if the time ran out first. */
    synchronized boolean awaitQuiet(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (busy > 0 && end - System.nanoTime() > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
        }
        return busy == 0;
    }

    /** No more work begins; what is under way may finish. Returns what is open. */
    synchronized List<InFlightRecord> leave() {
        leaving = true;
        return all();
    }

    /** Whether no more work begins. */
    synchronized boolean leaving() {
        return leaving;
    }

    /**
     * What goes on here stays when the partition goes. Returns those that others have to be told
     * of, apart from those that were returned before.
     */
    synchronized List<InFlightRecord> give() {
        kept = true;
        List<InFlightRecord> begun = new ArrayList<>();
        for (InFlightRecord each : open.values()) {
            if (goesOn(each) && !each.given()) {
                each.given(true);
                begun.add(each);
            }
        }
        return begun;
    }

    private static boolean goesOn(InFlightRecord inFlight) {
        return inFlight.stage() == Stage.AT_WORK || inFlight.stage() == Stage.WAITS_BEGUN;
    }

    /** Nothing stays after all. Returns those of which others were told, or nearly so. */
    synchronized List<InFlightRecord> takeBack() {
        kept = false;
        List<InFlightRecord> given = all().stream().filter(InFlightRecord::given).toList();
        given.forEach(each -> each.given(false));
        return given;
    }

    /** Ends the assignment. Returns what was open and does not stay. */
    synchronized List<InFlightRecord> close() {
        leaving = true;
        gone = true;
        List<InFlightRecord> left =
                all().stream().filter(each -> !kept || !(each.given() || straysOn(each))).toList();
        for (InFlightRecord each : left) {
            open.remove(each.offset(), each);
            strays.remove(each);
            held.remove(each.held());
        }
        return left;
    }

    /** Nobody delivers it again: it comes to its end here. */
    private boolean straysOn(InFlightRecord inFlight) {
        return strays.contains(inFlight) && goesOn(inFlight);
    }

    private boolean has(InFlightRecord inFlight) {
        return open.get(inFlight.offset()) == inFlight || strays.contains(inFlight);
    }

    /** What is read from this offset on is of another log. */
    synchronized void strayFrom(long offset) {
        Map<Long, InFlightRecord> gone = open.tailMap(offset, true);
        strays.addAll(gone.values());
        gone.clear();
    }

    /** What was read lately is about to be delivered again. */
    synchronized void readAgain() {
        // Those of a reset before this one may still be to come as well.
        earlier.putAll(recent.take());
    }

    /** What arrived before this moment is of the log that is known. */
    synchronized void verified(long beforeNanos) {
        recent.settled(beforeNanos);
    }

    /** Whether another record stood at its offset lately. */
    synchronized boolean strange(InFlightRecord inFlight) {
        return recent.strange(inFlight);
    }

    synchronized List<InFlightRecord> all() {
        List<InFlightRecord> all = new ArrayList<>(open.values());
        all.addAll(strays);
        return all;
    }

    /** Those of the log that is read now. */
    synchronized int size() {
        return open.size();
    }

    /** That with the lowest offset; null: none is open. */
    synchronized @Nullable InFlightRecord oldest() {
        return open.isEmpty() ? null : open.firstEntry().getValue();
    }
}
