package dev.gantry.explain;

import static java.util.Objects.requireNonNullElse;

import dev.gantry.budget.Exceeded;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.escalation.DryRun;
import dev.gantry.escalation.EscalationLoop;
import dev.gantry.explain.Explanation.End;
import dev.gantry.explain.Explanation.OpenLane;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.WhenBenched;
import dev.gantry.request.DecodedRecord;
import dev.gantry.request.RequestDecoder;
import dev.gantry.request.RequestLimits;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Route;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Explains lines by what workers decide with: their decoder, the catalogue's router, the first step
 * of the loop, the prices. Calls nobody. Thread-safe.
 */
public final class Explainer {
    /** Counts as taking calls where nothing is known. */
    private static final LaneAvailability ASSUMED = new LaneAvailability.Admitted(0);

    private final Catalogue catalogue;
    private final Standings standings;
    private final FirstStep firstStep;
    private final RequestDecoder decoder;
    private final InstantSource clock;

    /** How lanes stand. */
    public interface Standings {
        /** Null: not known. */
        @Nullable LaneAvailability of(LaneId lane);
    }

    /** What a request would begin with. */
    private interface FirstStep {
        DryRun of(InferenceRequest request, Route route);
    }

    private Explainer(
            Catalogue catalogue,
            Standings standings,
            FirstStep firstStep,
            RequestLimits limits,
            InstantSource clock) {
        this.catalogue = catalogue;
        this.standings = standings;
        this.firstStep = firstStep;
        this.decoder = new RequestDecoder(limits, clock);
        this.clock = clock;
    }

    /** By what is offered, and how lanes stand. */
    public Explainer(
            Catalogue catalogue, Standings standings, RequestLimits limits, InstantSource clock) {
        this(
                catalogue,
                standings,
                (request, route) ->
                        DryRun.of(
                                request,
                                route,
                                lane -> requireNonNullElse(standings.of(lane), ASSUMED),
                                clock.instant()),
                limits,
                clock);
    }

    /** By all that a worker knows. */
    public static Explainer of(
            Catalogue catalogue,
            Circuits circuits,
            EscalationLoop loop,
            RequestLimits limits,
            InstantSource clock) {
        return new Explainer(
                catalogue,
                circuits::availability,
                (request, route) -> loop.dryRun(request, route, catalogue.latencies()),
                limits,
                clock);
    }

    /**
     * What would become of the line if it came now.
     *
     * @param batchId that it would be sent under, if it names none; null: none
     */
    public Finding explain(byte[] line, @Nullable String batchId) {
        return switch (decoder.decode(record(line, batchId, clock.instant()))) {
            case DecodedRecord.Invalid(String message, _, _) -> new Finding.Unusable(message);
            case DecodedRecord.Valid(InferenceRequest request) -> explain(request);
        };
    }

    private static ConsumerRecord<byte[], byte[]> record(
            byte[] line, @Nullable String batchId, Instant now) {
        RecordHeaders headers = new RecordHeaders();
        if (batchId != null) {
            headers.add("gantry-batch-id", batchId.getBytes(StandardCharsets.UTF_8));
        }
        return new ConsumerRecord<>(
                "explain",
                0,
                0,
                now.toEpochMilli(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                line.length,
                null,
                line,
                headers,
                Optional.empty());
    }

    private Finding explain(InferenceRequest request) {
        CatalogueSnapshot offered = catalogue.current();
        String objection = offered.router().objection(request);
        if (objection != null) {
            return new Finding.Unusable(objection);
        }
        Route route = offered.router().route(request, catalogue.latencies());
        List<OpenLane> lanes = List.of();
        End end = null;
        switch (firstStep.of(request, route)) {
            case DryRun.Enters(List<DryRun.Call> calls) -> {
                lanes = calls.stream().map(each -> open(request, each, route)).toList();
                end = end(route, Explanation.first(lanes));
            }
            case DryRun.Ends(FailureCode code, String message) -> end = new End(code, message);
        }
        return new Explanation(request, route, lanes, end, offered);
    }

    private OpenLane open(InferenceRequest request, DryRun.Call call, Route route) {
        return new OpenLane(
                call.dispatch(),
                call.asked(),
                standings.of(call.dispatch().lane()),
                catalogue.latencies().of(call.dispatch().lane()),
                CostRange.of(request, call, route.prices()),
                call.exceeded());
    }

    /**
     * @param first null: caps pass over every lane
     * @return null: none, it calls or waits
     */
    private static @Nullable End end(Route route, @Nullable OpenLane first) {
        if (first == null) {
            return new End(
                    FailureCode.ESCALATION_EXHAUSTED, "its caps pass over every lane of the route");
        }
        if (!first.takesCalls()) {
            return route.limits().whenBenched() == WhenBenched.WAIT
                    ? null
                    : new End(
                            FailureCode.ALL_LANES_BENCHED,
                            "every lane of the route is benched now");
        }
        Exceeded exceeded = first.exceeded();
        return exceeded == null || exceeded.onExceed() != OnExceed.ABORT
                ? null
                : new End(FailureCode.BUDGET_EXCEEDED, first.id() + ": " + exceeded.message());
    }
}
