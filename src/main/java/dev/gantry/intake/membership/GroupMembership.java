package dev.gantry.intake.membership;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether the worker is a member of its group; if not, since when and why. A member without
 * partitions is one, too. Written by the poll loop, read by health pages.
 */
public final class GroupMembership {
    private volatile @Nullable Absence absence = new Absence(System.nanoTime(), "not joined yet");

    /** When the worker was last known to wait for what is nobody's refusal. */
    private volatile long awaitedNanos = System.nanoTime();

    /**
     * @param reason what the broker or the client said last
     */
    private record Absence(long sinceNanos, String reason) {}

    /** The worker begins to join now: it has been refused nothing while it waited before that. */
    public void begins() {
        awaitedNanos = System.nanoTime();
        absence = new Absence(awaitedNanos, "not joined yet");
    }

    /** False if it was one before. */
    boolean joined() {
        boolean news = absence != null;
        absence = null;
        return news;
    }

    /** The worker is no member; how long is counted from the first such word. */
    public void absent(String reason) {
        Absence known = absence;
        absence = new Absence(known == null ? System.nanoTime() : known.sinceNanos(), reason);
    }

    /** Why it is still none, if it is none. */
    void because(String reason) {
        if (absence != null) {
            absent(reason);
        }
    }

    /** The broker does not answer at all: whoever waits for it is not turned away by it. */
    void brokerAway() {
        awaitedNanos = System.nanoTime();
    }

    /** It says nothing, as a member may that waits for others to join: that is no refusal. */
    void mayBeSilent() {
        awaitedNanos = System.nanoTime();
    }

    /** Why it is none; empty if it is one. */
    public Optional<String> reason() {
        return Optional.ofNullable(absence).map(Absence::reason);
    }

    /** How long it has been none although the broker answers; zero if it is one. */
    public Duration refusedFor() {
        Absence known = absence;
        if (known == null) {
            return Duration.ZERO;
        }
        long now = System.nanoTime();
        return Duration.ofNanos(Math.min(now - known.sinceNanos(), now - awaitedNanos));
    }
}
