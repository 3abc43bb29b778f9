package dev.gantry.escalation;

import dev.gantry.classification.Objection.Extent;
import dev.gantry.escalation.Repair.Mend;
import dev.gantry.inference.Adaptation.Because;
import dev.gantry.inference.Change;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestBody;
import dev.gantry.routing.Lane;

import java.time.Duration;
import java.time.Instant;
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
final class LearntRepairs {
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int MOST_PER_LANE = 16;
    private static final int MOST_LANES = 10_000;

    private final Map<LaneId, Lessons> byLane = new ConcurrentHashMap<>();

    /**
     * @param until by change
     */
    private record Lessons(Lane lane, Map<Change, Instant> until) {
        Lessons {
            until = Map.copyOf(until);
        }

        Lessons with(Change change, Instant end, Instant now) {
            Map<Change, Instant> more = new HashMap<>();
            until.forEach(
                    (each, itsEnd) -> {
                        if (itsEnd.isAfter(now) && !supersedes(change, each)) {
                            more.put(each, itsEnd);
                        }
                    });
            if (more.size() < MOST_PER_LANE) {
                more.put(change, end);
            }
            return new Lessons(lane, more);
        }

        private static boolean supersedes(Change change, Change old) {
            return change.getClass() == old.getClass()
                    && Adaptations.sameMember(change.member(), old.member());
        }

        boolean over(Instant now) {
            return until.values().stream().noneMatch(now::isBefore);
        }
    }

    /** A repaired call has succeeded. */
    void succeeded(Lane lane, Repair repair, Instant now) {
        for (Mend mend : repair.refused()) {
            if (mend.extent() == Extent.ALL) {
                learn(lane, mend.change(), now);
            }
        }
    }

    private void learn(Lane lane, Change change, Instant now) {
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
                                    .with(change, now.plus(KEPT), now));
        }
    }

    /** What is known to be refused of this body there. */
    Repair of(Lane lane, RequestBody body, Instant now) {
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
                        .filter(each -> Adaptations.concerns(each, body, lane))
                        .sorted(Comparator.comparing(Change::member))
                        .map(each -> new Mend(each, Because.LEARNT, Extent.ALL))
                        .toList();
        return new Repair(known);
    }
}
