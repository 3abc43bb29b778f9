package dev.gantry.circuit;

import dev.gantry.circuit.state.AvailabilityTimeline;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The lanes that somebody has asked about. Looked up by anybody, changed under the cache's lock.
 */
final class LaneViews {
    private final ConcurrentHashMap<LaneId, LaneView> lanes = new ConcurrentHashMap<>();
    private final Map<CircuitKey, List<LaneView>> byInstance = new HashMap<>();

    /** What the last change of the catalogue has left; null: none has come. */
    private @Nullable Set<LaneId> offered;

    /** Null: nobody has asked about it. */
    @Nullable LaneView of(LaneId lane) {
        return lanes.get(lane);
    }

    Collection<LaneView> all() {
        return lanes.values();
    }

    List<LaneView> onInstance(CircuitKey instance) {
        return byInstance.getOrDefault(instance, List.of());
    }

    LaneView add(LaneId lane, AvailabilityTimeline timeline, Duration window) {
        LaneView view = new LaneView(lane, timeline, window);
        place(view);
        byInstance.computeIfAbsent(view.instance(), _ -> new ArrayList<>()).add(view);
        lanes.put(lane, view);
        return view;
    }

    void forget(LaneView view) {
        lanes.remove(view.lane());
        byInstance.computeIfPresent(
                view.instance(),
                (_, views) -> {
                    views.remove(view);
                    return views.isEmpty() ? null : views;
                });
    }

    /** Another catalogue. */
    void offer(Set<LaneId> now) {
        offered = now;
        lanes.values().forEach(this::place);
    }

    private void place(LaneView view) {
        if (offered != null && !offered.contains(view.lane())) {
            view.leaveCatalogue();
        } else {
            view.joinCatalogue();
        }
    }
}
