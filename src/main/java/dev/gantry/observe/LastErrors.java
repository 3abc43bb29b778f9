package dev.gantry.observe;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Each lane's last failed attempt on this worker. */
public final class LastErrors {
    private final Map<LaneId, Failed> failed = new ConcurrentHashMap<>();

    /** Not the attempt itself: that would keep its answer in memory. */
    private record Failed(Instant at, String kind, @Nullable Integer status, String reason) {}

    void ended(Attempt attempt, MeterOutcome outcome) {
        AttemptError error = attempt.error();
        // What another call was too quick for says nothing of its lane.
        if (error != null && outcome != MeterOutcome.RACE_LOST) {
            Instant at = attempt.dispatch().startedAt().plus(attempt.took());
            String kind = error.kind().label();
            failed.put(attempt.lane(), new Failed(at, kind, attempt.status(), error.reason()));
        }
    }

    /** Forgets all others. */
    void keep(Set<LaneId> lanes) {
        failed.keySet().retainAll(lanes);
    }

    /** As the lanes page shows it; null: none has failed. */
    @Nullable Map<String, Object> row(LaneId lane) {
        Failed last = failed.get(lane);
        if (last == null) {
            return null;
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("at", last.at().toString());
        row.put("kind", last.kind());
        if (last.status() != null) {
            row.put("status", last.status());
        }
        if (Viewer.readsMessages()) {
            row.put("message", Scrubber.scrub(last.reason()));
        }
        return row;
    }
}
