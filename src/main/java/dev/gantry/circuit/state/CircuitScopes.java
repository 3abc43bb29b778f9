package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which circuits belong together: an instance's account, and how far its quota reaches. */
public final class CircuitScopes {
    private record Belonging(
            String account, QuotaScope quotaScope, ScopeMembership.KeySource key) {}

    /** Of one catalogue; not changed once made. */
    private record Members(
            Map<CircuitKey, Belonging> instances, Set<CircuitKey> keys, Set<LaneId> lanes) {
        static Members of(Collection<ScopeMembership> all) {
            Map<CircuitKey, Belonging> instances = new LinkedHashMap<>();
            Set<CircuitKey> keys = new TreeSet<>(Comparator.comparing(CircuitKey::value));
            Set<LaneId> lanes = new HashSet<>();
            for (ScopeMembership each : all) {
                CircuitKey instance = CircuitKey.ofInstance(each.lane());
                instances.put(
                        instance, new Belonging(each.account(), each.quotaScope(), each.key()));
                keys.add(instance);
                keys.add(CircuitKey.ofLane(each.lane()));
                lanes.add(each.lane());
            }
            return new Members(instances, keys, lanes);
        }
    }

    /** Replaced as a whole with the catalogue. */
    private volatile Members members;

    public CircuitScopes(Collection<ScopeMembership> members) {
        this.members = Members.of(members);
    }

    public void replace(Collection<ScopeMembership> all) {
        members = Members.of(all);
    }

    /** Of the catalogue, instances and lanes. */
    public Set<CircuitKey> keys() {
        return members.keys();
    }

    /** Of the catalogue. */
    public Set<LaneId> lanes() {
        return members.lanes();
    }

    /** What a failure there proves: a worker's key file may be older than the next one's. */
    public LaneFailure judged(LaneId lane, LaneFailure failure) {
        Belonging home = members.instances().get(CircuitKey.ofInstance(lane));
        boolean stale =
                failure.kind() == ErrorKind.AUTH
                        && home != null
                        && home.key() == ScopeMembership.KeySource.FILE;
        return stale
                ? new LaneFailure(
                        failure.kind(),
                        failure.reach(),
                        failure.retryAfter(),
                        failure.reason(),
                        LaneFailure.Proof.SUSPICION)
                : failure;
    }

    /** The circuits that a failure which benches by itself opens. */
    public List<CircuitKey> reached(LaneId lane, LaneFailure failure) {
        boolean quota = failure.reach() == LaneFailure.Reach.QUOTA;
        return switch (failure.kind().rule().cools()) {
            case NOTHING, LANE, MODEL -> List.of(CircuitKey.ofLane(lane));
            case QUOTA -> reached(lane, failure.reach());
            case ENDPOINT -> reached(lane, quota ? LaneFailure.Reach.INSTANCE : failure.reach());
            case ACCOUNT -> reached(lane, quota ? LaneFailure.Reach.ACCOUNT : failure.reach());
        };
    }

    private List<CircuitKey> reached(LaneId lane, LaneFailure.Reach reach) {
        return switch (reach) {
            case LANE -> List.of(CircuitKey.ofLane(lane));
            case INSTANCE -> List.of(CircuitKey.ofInstance(lane));
            case ACCOUNT -> ofAccount(lane);
            case QUOTA -> ofQuota(lane);
        };
    }

    private List<CircuitKey> ofQuota(LaneId lane) {
        Belonging home = members.instances().get(CircuitKey.ofInstance(lane));
        QuotaScope scope = home == null ? QuotaScope.LANE : home.quotaScope();
        return switch (scope) {
            case LANE -> List.of(CircuitKey.ofLane(lane));
            case INSTANCE -> List.of(CircuitKey.ofInstance(lane));
            case ACCOUNT -> offersOfAccount(lane);
        };
    }

    private List<CircuitKey> ofAccount(LaneId lane) {
        CircuitKey own = CircuitKey.ofInstance(lane);
        Belonging home = members.instances().get(own);
        if (home == null) {
            return List.of(own);
        }
        return members.instances().entrySet().stream()
                .filter(each -> each.getValue().account().equals(home.account()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The model at every instance of the account that offers it. */
    private List<CircuitKey> offersOfAccount(LaneId lane) {
        Set<CircuitKey> offers = new LinkedHashSet<>();
        offers.add(CircuitKey.ofLane(lane));
        for (CircuitKey instance : ofAccount(lane)) {
            CircuitKey offer =
                    new CircuitKey(
                            instance.provider(), instance.instance(), lane.type(), lane.model());
            if (members.keys().contains(offer)) {
                offers.add(offer);
            }
        }
        return List.copyOf(offers);
    }
}
