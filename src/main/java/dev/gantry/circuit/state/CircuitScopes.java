package dev.gantry.circuit.state;

import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;

import java.util.Collection;
import java.util.Comparator;
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

    private final Map<CircuitKey, Belonging> instances = new LinkedHashMap<>();
    private final Set<CircuitKey> keys = new TreeSet<>(Comparator.comparing(CircuitKey::value));

    public CircuitScopes(Collection<ScopeMembership> members) {
        for (ScopeMembership member : members) {
            CircuitKey instance = CircuitKey.ofInstance(member.lane());
            instances.put(
                    instance, new Belonging(member.account(), member.quotaScope(), member.key()));
            keys.add(instance);
            keys.add(CircuitKey.ofLane(member.lane()));
        }
    }

    /** Of the catalogue, instances and lanes. */
    public Set<CircuitKey> keys() {
        return keys;
    }

    /** What a failure there proves: a worker's key file may be older than the next one's. */
    public LaneFailure judged(LaneId lane, LaneFailure failure) {
        Belonging home = instances.get(CircuitKey.ofInstance(lane));
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
        return switch (failure.kind()) {
            case BILLING ->
                    failure.reach() == LaneFailure.Reach.QUOTA
                            ? ofAccount(lane)
                            : reached(lane, failure.reach());
            case RATE_LIMIT -> reached(lane, failure.reach());
            case AUTH ->
                    failure.reach() == LaneFailure.Reach.QUOTA
                            ? List.of(CircuitKey.ofInstance(lane))
                            : reached(lane, failure.reach());
            default -> List.of(CircuitKey.ofLane(lane));
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
        Belonging home = instances.get(CircuitKey.ofInstance(lane));
        QuotaScope scope = home == null ? QuotaScope.LANE : home.quotaScope();
        return switch (scope) {
            case LANE -> List.of(CircuitKey.ofLane(lane));
            case INSTANCE -> List.of(CircuitKey.ofInstance(lane));
            case ACCOUNT -> offersOfAccount(lane);
        };
    }

    private List<CircuitKey> ofAccount(LaneId lane) {
        CircuitKey own = CircuitKey.ofInstance(lane);
        Belonging home = instances.get(own);
        if (home == null) {
            return List.of(own);
        }
        return instances.entrySet().stream()
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
            if (keys.contains(offer)) {
                offers.add(offer);
            }
        }
        return List.copyOf(offers);
    }
}
