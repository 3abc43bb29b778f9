package dev.gantry.discovery;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What is known of one instance's models. A list outlives polls that fail for a while: a server
 * that restarts has its lanes still, benched by their circuits at most.
 *
 * @param models by name; none before the first list, and once that has been kept long enough
 * @param listedAt when it was last listed; null: never
 * @param trouble why the last poll failed; null: it did not, or there was none
 * @param leftOut what of the list is not used, and why
 */
public record InstanceModels(
        List<ListedModel> models,
        @Nullable Instant listedAt,
        @Nullable String trouble,
        List<String> leftOut) {
    /** How old a list may get while polls fail. */
    public static final Duration KEPT = Duration.ofMinutes(5);

    /** Nobody has asked yet. */
    static final InstanceModels UNKNOWN = new InstanceModels(List.of(), null, null, List.of());

    public InstanceModels {
        models = List.copyOf(models);
        leftOut = List.copyOf(leftOut);
    }

    /** What the lanes of an instance rest on. */
    public enum State {
        /** It has not answered yet. */
        AWAITED,
        LISTED,
        /** The last list, while polls fail. */
        KEPT,
        /** No list any more: its lanes are gone. */
        GONE;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public State state() {
        if (listedAt == null) {
            return State.AWAITED;
        }
        return trouble == null ? State.LISTED : models.isEmpty() ? State.GONE : State.KEPT;
    }

    /** Until when the list is kept; null: it need not be. */
    public @Nullable Instant keptUntil() {
        return listedAt != null && state() == State.KEPT ? listedAt.plus(KEPT) : null;
    }

    InstanceModels after(PollResult result, Instant now) {
        return switch (result) {
            case PollResult.Listed(var listed, var unused) ->
                    new InstanceModels(listed, now, null, unused);
            case PollResult.Failed(String why) ->
                    new InstanceModels(models, listedAt, why, leftOut).at(now);
        };
    }

    /** Without the list, if it has been kept long enough. */
    InstanceModels at(Instant now) {
        Instant until = keptUntil();
        return until == null || now.isBefore(until)
                ? this
                : new InstanceModels(List.of(), listedAt, trouble, List.of());
    }
}
