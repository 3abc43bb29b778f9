package dev.gantry.admission;

import java.util.Collection;

/**
 * Whether several lanes, or several providers, are wanted on this worker and could take calls: only
 * then is anybody's share bounded. Counted anew ten times a second at most; guarded by the lock of
 * admission control.
 */
final class FairShare {
    private static final long SECOND = 1_000_000_000L;

    /** Long enough that a lane with sparse traffic finds its slots free. */
    private static final long WANTED_FOR = 60 * SECOND;

    private static final long COUNTED_FOR = SECOND / 10;

    private long countedAt = Long.MIN_VALUE / 2;
    private boolean severalLanes;
    private boolean severalProviders;

    private final AdmissionSettings settings;

    FairShare(AdmissionSettings settings) {
        this.settings = settings;
    }

    /** Whether this lane may hold no more slots, others wanting theirs. */
    boolean overShare(LaneLoads lane, Collection<LaneLoads> lanes, long now) {
        int most = settings.most();
        if (lane.provider.underWay < most) {
            return false; // nor can the lane, which is part of it
        }
        count(lanes, now);
        return lane.underWay >= most ? severalLanes : severalProviders && !owed(lane);
    }

    /**
     * A provider that holds its share still owes each of its lanes a fair part of it, so that one
     * that hangs does not starve its siblings; half of what is left stays with other providers.
     */
    private boolean owed(LaneLoads lane) {
        int most = settings.most();
        int wanted = lane.provider.lanesWanted;
        return wanted > 1
                && lane.underWay < most / wanted
                && lane.provider.underWay < most + (settings.slots() - most) / 2;
    }

    private void count(Collection<LaneLoads> lanes, long now) {
        if (now - countedAt < COUNTED_FOR) {
            return;
        }
        countedAt = now;
        severalLanes = false;
        severalProviders = false;
        lanes.forEach(each -> each.provider.lanesWanted = 0);
        LaneLoads seen = null;
        for (LaneLoads each : lanes) {
            if (now - each.wanted <= WANTED_FOR && !each.benched()) {
                severalLanes |= seen != null;
                severalProviders |= seen != null && seen.provider != each.provider;
                each.provider.lanesWanted++;
                seen = each;
            }
        }
    }
}
