package dev.gantry.traffic;

/** What this worker has under way at one provider; guarded by the traffic. */
final class ProviderTraffic {
    int underWay;

    /** How many of its lanes are wanted and could take calls, as last counted. */
    int lanesWanted;
}
