package dev.gantry.escalation;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.Candidate;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.WhenBenched;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneLatencies;
import dev.gantry.routing.Projection;
import dev.gantry.routing.RoutingSettings;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * {@code order: deadline}: a request waits for the cheapest lane as long as the time left covers
 * its p95 and the queue in front, and takes the quickest that lets it on after that. Pure.
 */
final class DeadlineOrder {
    /** A queue that grows shorter as time passes does not have its requests ask all the time. */
    private static final Duration SELDOM = Duration.ofMillis(250);

    private static final Duration NEVER = Duration.ofSeconds(Long.MAX_VALUE);

    private final RunState state;
    private final AdmissionRequest ask;
    private final List<Timed> lanes;

    /**
     * A candidate.
     *
     * @param dollars what its work costs; null: not known, which is dearer than all
     * @param p95 or, of a lane that too little is known of, the longest that a call may take
     * @param queue in front
     * @param rest until it may be asked at all, at the earliest
     */
    private record Timed(
            Candidate candidate,
            @Nullable BigDecimal dollars,
            Duration p95,
            Duration queue,
            Duration rest) {
        static final Comparator<Timed> CHEAPEST =
                Comparator.comparing(
                        Timed::dollars, Comparator.nullsLast(Comparator.naturalOrder()));

        boolean within(Duration left) {
            return rest.compareTo(left) < 0 && longer(rest, queue).plus(p95).compareTo(left) <= 0;
        }

        boolean untried() {
            return candidate.past() == Candidate.Past.UNTRIED;
        }
    }

    private DeadlineOrder(RunState state, AdmissionRequest ask) {
        this.state = state;
        this.ask = ask;
        this.lanes = new ArrayList<>();
        for (Candidate each : ask.candidates()) {
            for (Lane lane : state.route().lanes()) {
                if (lane.id().equals(each.lane())) {
                    lanes.add(timed(each, lane));
                }
            }
        }
    }

    /** What of it to ask for now; all of it under another order. */
    static AdmissionRequest of(RunState state, AdmissionRequest ask) {
        return state.route().order() == RoutingSettings.Order.DEADLINE
                ? new DeadlineOrder(state, ask).now()
                : ask;
    }

    private AdmissionRequest now() {
        Duration left = state.request().deadline().left(state.lanes().now());
        List<Timed> inTime = lanes.stream().filter(each -> each.within(left)).toList();
        List<Timed> untried = inTime.stream().filter(Timed::untried).toList();
        List<Timed> open = untried.isEmpty() ? inTime : untried;
        return open.stream()
                .min(Timed.CHEAPEST)
                .map(cheapest -> cheapest(open, cheapest))
                .orElseGet(this::quickest);
    }

    /** All that cost the same, until one of them cannot be waited for any more. */
    private AdmissionRequest cheapest(List<Timed> open, Timed cheapest) {
        List<Timed> equal =
                open.stream().filter(each -> Timed.CHEAPEST.compare(each, cheapest) == 0).toList();
        Duration longest =
                equal.stream()
                        .map(each -> each.queue().plus(each.p95()))
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
        Instant again = ask.deadline().minus(longest);
        Instant soonest = state.lanes().now().plus(SELDOM);
        return new AdmissionRequest(
                equal.stream().map(Timed::candidate).toList(),
                ask.deadline(),
                again.isAfter(soonest) ? again : earlier(soonest, ask.deadline()),
                ask.mayProbe(),
                ask.whenBenched(),
                quickest());
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    /** Those that have failed this request still come last. */
    private AdmissionRequest quickest() {
        return new AdmissionRequest(
                lanes.stream()
                        .sorted(
                                Comparator.comparing((Timed each) -> !each.untried())
                                        .thenComparing(Timed::p95))
                        .map(Timed::candidate)
                        .toList(),
                ask.deadline(),
                ask.mayProbe(),
                ask.whenBenched());
    }

    private Timed timed(Candidate candidate, Lane lane) {
        LaneLatencies.Quantiles known = state.lanes().latencies().of(lane.id());
        Duration p95 = known == null ? lane.timeout() : known.p95();
        Duration each = known == null ? lane.timeout() : known.p50();
        return new Timed(
                candidate,
                Projection.compared(state.route().prices(), lane, state.request()),
                p95,
                state.lanes().queues().of(lane.id(), each),
                longer(rest(candidate), benched(lane.id())));
    }

    private Duration rest(Candidate candidate) {
        return candidate.from().isAfter(state.lanes().now())
                ? Duration.between(state.lanes().now(), candidate.from())
                : Duration.ZERO;
    }

    private Duration benched(LaneId lane) {
        return switch (state.lanes().availability(lane)) {
            case LaneAvailability.Admitted _, LaneAvailability.HalfOpen _ -> Duration.ZERO;
            case LaneAvailability.Gone _ -> NEVER;
            case LaneAvailability.Benched(var until, _, _) ->
                    until == null || ask.whenBenched() == WhenBenched.FAIL
                            ? NEVER
                            : longer(Duration.ZERO, Duration.between(state.lanes().now(), until));
        };
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
