package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.InferenceRequest;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/**
 * A full snapshot of one attempt, type {@code dev.gantry.attempt.metered.v1}. Consumers keep, per
 * attempt id, the one with the greatest version.
 *
 * @param attempt null while the attempt is only dispatched
 * @param prices the list that the reading was priced by
 * @param selected whether this attempt's answer became the result
 */
public record MeteringEvent(
        InferenceRequest request,
        Attempt.Dispatch dispatch,
        @Nullable Attempt attempt,
        MeterReading reading,
        PriceList prices,
        boolean selected) {
    public static final String TYPE = "dev.gantry.attempt.metered.v1";

    /** How long after the attempt's own deadline a mere dispatch means: in doubt. */
    private static final Duration DOUBT = Duration.ofSeconds(60);

    public MeteringEvent {
        if (selected && (attempt == null || !attempt.succeeded())) {
            throw new IllegalArgumentException(
                    "attempt " + dispatch.id() + " is selected but has not succeeded");
        }
    }

    /** The write-ahead: what a worker that dies during the call leaves behind. */
    public static MeteringEvent dispatched(
            InferenceRequest request, Attempt.Dispatch dispatch, PriceList prices) {
        MeterReading reading = MeterReading.dispatched(request, dispatch, prices);
        return new MeteringEvent(request, dispatch, null, reading, prices, false);
    }

    /** The attempt is over, and it is decided what it was. */
    public static MeteringEvent ended(
            InferenceRequest request, Attempt attempt, AttemptFate fate, PriceList prices) {
        MeterReading reading = MeterReading.of(request, attempt, prices);
        return new MeteringEvent(
                request,
                attempt.dispatch(),
                attempt,
                fate == AttemptFate.RACE_LOST ? reading.raceLost() : reading,
                prices,
                fate == AttemptFate.SELECTED);
    }

    /** The price that the reading was made with; null: the lane has none. */
    public @Nullable Quote quote() {
        return prices.quote(dispatch.lane()).orElse(null);
    }

    /** The CloudEvents id: the same snapshot has the same id however often it is sent. */
    public String id() {
        return dispatch.id().value() + "/" + reading.evidence().version();
    }

    /** When what it tells of happened. */
    public Instant time() {
        return attempt == null ? dispatch.startedAt() : endedAt(attempt);
    }

    /** After this a snapshot that says dispatched means in doubt. */
    public Instant expiresAt() {
        return dispatch.deadline().plus(DOUBT);
    }

    public static Instant endedAt(Attempt attempt) {
        return attempt.dispatch().startedAt().plus(attempt.took());
    }

    /** Whether request bytes went out; null while that is not known. */
    public @Nullable Boolean submitted() {
        return attempt == null ? null : Boolean.valueOf(MeterReading.submitted(attempt));
    }
}
