package dev.gantry.observe;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.LaneLoad;
import dev.gantry.circuit.CircuitFeed;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.discovery.InstanceModels;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.LaneId;
import dev.gantry.limit.FleetLimits;
import dev.gantry.limit.LimitDimension;
import dev.gantry.limit.LimitScope;
import dev.gantry.limit.LimitUse;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code /actuator/lanes}: every lane and instance of the catalogue, as this worker sees it;
 * reasons, messages and who acted only for the operator.
 */
@Endpoint(id = "lanes")
public final class LanesEndpoint {
    private final Circuits circuits;
    private final AdmissionControl admission;
    private final Supplier<List<ListedLane>> listed;
    private final LastErrors errors;
    private final FleetLimits limits;
    private final Supplier<Map<String, InstanceModels>> discovered;

    /**
     * @param listed the lanes of the catalogue in force
     * @param discovered what is known of instances whose models are asked for
     */
    public LanesEndpoint(
            Circuits circuits,
            AdmissionControl admission,
            Supplier<List<ListedLane>> listed,
            LastErrors errors,
            FleetLimits limits,
            Supplier<Map<String, InstanceModels>> discovered) {
        this.circuits = circuits;
        this.admission = admission;
        this.listed = listed;
        this.errors = errors;
        this.limits = limits;
        this.discovered = discovered;
    }

    @ReadOperation
    public Map<String, Object> lanes() {
        List<ListedLane> lanes = listed.get();
        Map<CircuitKey, CircuitStatus> rows = new LinkedHashMap<>();
        circuits.rows().forEach(row -> rows.put(row.key(), row));
        Map<LaneId, LaneLoad> loads =
                admission.loads().stream()
                        .collect(Collectors.toMap(LaneLoad::lane, Function.identity()));
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("circuits", feed(circuits.status()));
        page.put("lanes", lanes.stream().map(lane -> lane(lane, rows, loads)).toList());
        lanes.forEach(lane -> rows.remove(CircuitKey.ofLane(lane.id())));
        Set<CircuitKey> instances =
                lanes.stream()
                        .map(lane -> CircuitKey.ofInstance(lane.id()))
                        .collect(Collectors.toSet());
        page.put("instances", circuits(rows, instances::contains));
        // Of a catalogue that another worker has, or that was in force before.
        rows.keySet().removeAll(instances);
        page.put("unlisted_instances", circuits(rows, CircuitKey::ofInstance));
        page.put("unlisted_lanes", circuits(rows, key -> !key.ofInstance()));
        page.put("discovery", DiscoveryRows.of(discovered.get()));
        return page;
    }

    /** Shared with the readiness page. */
    static Map<String, Object> feed(CircuitFeed feed) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("source", feed.source().label());
        row.put("since", feed.since().toString());
        row.put("age_ms", feed.age().toMillis());
        row.put("unsynced", feed.unsynced());
        return row;
    }

    /** What the weights of provider, instance and model come to unless somebody sets them. */
    private static final double PLAIN = 100.0 * 100 * 100;

    private static List<Map<String, Object>> circuits(
            Map<CircuitKey, CircuitStatus> rows, Predicate<CircuitKey> listed) {
        return rows.values().stream()
                .filter(row -> listed.test(row.key()))
                .map(LanesEndpoint::circuit)
                .toList();
    }

    private Map<String, Object> lane(
            ListedLane lane, Map<CircuitKey, CircuitStatus> rows, Map<LaneId, LaneLoad> loads) {
        LaneId id = lane.id();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("lane", id.value());
        row.put("weight", lane.weight() / PLAIN);
        row.put("credentials", lane.credentials());
        if (lane.discovered()) {
            row.put("discovered", true);
        }
        row.put("takes_calls", circuits.state(id).label());
        CircuitStatus own = rows.get(CircuitKey.ofLane(id));
        if (own != null) {
            row.putAll(circuit(own));
        }
        List<Map<String, Object>> held =
                circuits.own().stream()
                        .filter(each -> concerns(each.key(), id))
                        .map(LanesEndpoint::circuit)
                        .toList();
        if (!held.isEmpty()) {
            row.put("own", held);
        }
        row.putAll(load(loads.get(id)));
        List<Map<String, Object>> known =
                Stream.of(LimitScope.ofInstance(id), LimitScope.ofLane(id))
                        .flatMap(scope -> limits(scope).stream())
                        .toList();
        if (!known.isEmpty()) {
            row.put("limits", known);
        }
        Map<String, Object> last = errors.row(id);
        if (last != null) {
            row.put("last_error", last);
        }
        return row;
    }

    private List<Map<String, Object>> limits(LimitScope scope) {
        return Arrays.stream(LimitDimension.values())
                .flatMap(dimension -> limits.use(scope, dimension).stream())
                .map(LanesEndpoint::limit)
                .toList();
    }

    private static Map<String, Object> limit(LimitUse use) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("scope", use.scope().value());
        row.put("dimension", use.dimension().label());
        row.put("limit", Math.round(use.limit()));
        row.put("source", use.source().label());
        row.put("share", Math.round(use.share() * 10) / 10.0);
        row.put("sharers", use.sharers());
        row.put("used", use.used());
        row.put("waiting", use.waiting());
        return row;
    }

    private static boolean concerns(CircuitKey key, LaneId lane) {
        return key.equals(CircuitKey.ofLane(lane)) || key.equals(CircuitKey.ofInstance(lane));
    }

    private static Map<String, Object> circuit(CircuitStatus status) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("circuit", status.key().value());
        row.put("state", status.state().name().label());
        row.put("since", status.state().since().toString());
        if (status.state().until() != null) {
            row.put("until", status.state().until().toString());
        }
        row.put("failures", status.failures());
        row.put("trips", status.trips());
        if (status.cause().kind() != null) {
            row.put("kind", status.cause().kind().label());
        }
        if (Viewer.readsMessages()) {
            row.put("reason", Scrubber.scrub(String.valueOf(status.cause().reason())));
            row.put("actor", status.cause().actor());
        }
        return row;
    }

    private static Map<String, Object> load(@Nullable LaneLoad load) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("in_flight", load == null ? 0 : load.underWay());
        row.put("waiting", load == null ? 0 : load.waiting());
        Map<String, Object> pace = new LinkedHashMap<>();
        if (load != null && load.window() != null) {
            pace.put("window", load.window());
        }
        if (load != null && load.perSecond() != null) {
            pace.put("per_second", Math.round(load.perSecond() * 10) / 10.0);
        }
        row.put("pace", pace);
        return row;
    }
}
