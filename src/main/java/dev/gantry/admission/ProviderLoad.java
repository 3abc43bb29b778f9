package dev.gantry.admission;

/** What this worker has under way at one provider; guarded by admission control. */
final class ProviderLoad {
    int underWay;

    /** How many of its lanes are wanted and could take calls, as last counted. */
    int lanesWanted;
}
