package dev.gantry.traffic;

/** What this worker has under way at one provider; guarded by the traffic. */
final class ProviderTraffic {
    int underWay;
}
