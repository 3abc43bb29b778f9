package dev.gantry.repair;

import dev.gantry.classification.Expendable;
import dev.gantry.classification.Objection.Extent;
import dev.gantry.inference.Adaptation.Because;
import dev.gantry.inference.Change;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestBody;
import dev.gantry.repair.Repair.Mend;
import dev.gantry.routing.Lane;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What lanes have refused and then taken with a change: for an hour the next requests are changed
 * at once. Of this worker only; a lane whose catalogue entry changes is a stranger again. Only what
 * has helped is learnt, so no request can teach a lane what it likes.
 */
public final class LearntRepairs {
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int MOST_PER_LANE = 16;
    private static final int MOST_LANES = 10_000;

    private final Map<LaneId, Lessons> byLane = new ConcurrentHashMap<>();

    /**
     * @param reasoning whether it is known of requests only that ask for reasoning
     */
    private record Lesson(Change change, boolean reasoning) {
        boolean supersedes(Lesson old) {
            return (change.getClass() == old.change.getClass()
                            && Adaptations.sameMember(change.member(), old.change.member()))
                    || Repair.undoes(change, old.change);
        }

        boolean concerns(RequestBody body, Lane lane) {
            return (!reasoning || Expendable.reasons(body))
                    && Adaptations.concerns(change, body, lane);
        }
    }

    /**
     * @param until by lesson
     */
    private record Lessons(Lane lane, Map<Lesson, Instant> until) {
        Lessons {
            until = Map.copyOf(until);
        }

        /** Of too many, what ends soonest goes: names that mean nothing keep none out. */
        Lessons with(Lesson lesson, Instant end, Instant now) {
            Map<Lesson, Instant> more = new HashMap<>();
            until.forEach(
                    (each, itsEnd) -> {
                        if (itsEnd.isAfter(now) && !lesson.supersedes(each)) {
                            more.put(each, itsEnd);
                        }
                    });
            if (more.size() >= MOST_PER_LANE) {
                more.remove(
                        Collections.min(more.entrySet(), Map.Entry.comparingByValue()).getKey());
            }
            more.put(lesson, end);
            return new Lessons(lane, more);
        }

        boolean over(Instant now) {
            return until.values().stream().noneMatch(now::isBefore);
        }
    }

    /** A repaired call has succeeded. */
    public void succeeded(Lane lane, Repair repair, RequestBody body, Instant now) {
        for (Mend mend : repair.refused()) {
            if (mend.extent() == Extent.ALL) {
                // Many models know sampling until they are to reason.
                boolean reasoning =
                        Expendable.sampling(mend.change().member()) && Expendable.reasons(body);
                learn(lane, new Lesson(mend.change(), reasoning), now);
            }
        }
    }

    private void learn(Lane lane, Lesson lesson, Instant now) {
        if (byLane.size() >= MOST_LANES) {
            byLane.values().removeIf(each -> each.over(now));
        }
        if (byLane.size() < MOST_LANES || byLane.containsKey(lane.id())) {
            byLane.compute(
                    lane.id(),
                    (_, old) ->
                            (old == null || !old.lane().equals(lane)
                                            ? new Lessons(lane, Map.of())
                                            : old)
                                    .with(lesson, now.plus(KEPT), now));
        }
    }

    /** What is known to be refused of this body there. */
    public Repair of(Lane lane, RequestBody body, Instant now) {
        Lessons lessons = byLane.get(lane.id());
        if (lessons == null) {
            return Repair.NONE;
        }
        if (!lessons.lane().equals(lane) || lessons.over(now)) {
            byLane.remove(lane.id(), lessons);
            return Repair.NONE;
        }
        List<Mend> known =
                lessons.until().entrySet().stream()
                        .filter(each -> now.isBefore(each.getValue()))
                        .map(Map.Entry::getKey)
                        .filter(each -> each.concerns(body, lane))
                        .map(Lesson::change)
                        .sorted(Comparator.comparing(Change::member))
                        .map(each -> new Mend(each, Because.LEARNT, Extent.ALL))
                        .toList();
        return new Repair(known);
    }
}
