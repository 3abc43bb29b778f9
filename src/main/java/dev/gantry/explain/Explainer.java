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
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.WhenBenched;
import dev.gantry.request.DecodedRecord;
import dev.gantry.request.RequestDecoder;
import dev.gantry.request.RequestLimits;
import dev.gantry.request.RequestTopics;
import dev.gantry.routing.AppliedPolicy;
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
import java.util.stream.Collectors;

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
    private final List<String> discovering;
    private final Source source;
    private final RequestDecoder decoder;
    private final InstantSource clock;

    /**
     * Where lines would come from.
     *
     * @param topics all that there are
     * @param topic of the lines that are explained
     */
    public record Source(RequestLimits limits, RequestTopics topics, String topic) {}

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
            List<String> discovering,
            Source source,
            InstantSource clock) {
        this.catalogue = catalogue;
        this.standings = standings;
        this.firstStep = firstStep;
        this.discovering = List.copyOf(discovering);
        this.source = source;
        this.decoder = new RequestDecoder(source.limits(), source.topics(), clock);
        this.clock = clock;
    }

    /**
     * By what is offered, and how lanes stand.
     *
     * @param discovering providers that may offer more, of which the catalogue does not know
     */
    public Explainer(
            Catalogue catalogue,
            Standings standings,
            List<String> discovering,
            Source source,
            InstantSource clock) {
        this(
                catalogue,
                standings,
                (request, route) ->
                        DryRun.of(
                                request,
                                route,
                                lane -> requireNonNullElse(standings.of(lane), ASSUMED),
                                clock.instant()),
                discovering,
                source,
                clock);
    }

    /** By all that a worker knows. */
    public static Explainer of(
            Catalogue catalogue,
            Circuits circuits,
            EscalationLoop loop,
            Source source,
            InstantSource clock) {
        return new Explainer(
                catalogue,
                circuits::availability,
                (request, route) -> loop.dryRun(request, route, catalogue.latencies()),
                List.of(),
                source,
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

    private ConsumerRecord<byte[], byte[]> record(
            byte[] line, @Nullable String batchId, Instant now) {
        RecordHeaders headers = new RecordHeaders();
        if (batchId != null) {
            headers.add("gantry-batch-id", batchId.getBytes(StandardCharsets.UTF_8));
        }
        return new ConsumerRecord<>(
                source.topic(),
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
                end = end(route, Explanation.way(lanes, route));
            }
            case DryRun.Ends(FailureCode code, String message) ->
                    end =
                            code == FailureCode.NO_LANE_AVAILABLE && route.exclusions().isEmpty()
                                    ? unoffered(request, route, message)
                                    : new End(code, message);
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
                call.exceeded(),
                call.unsayable());
    }

    /** No lane that is known is for what is asked for: it may be listed at run time. */
    private End unoffered(InferenceRequest request, Route route, String message) {
        String explicit = request.options().constraints().model();
        String model = explicit == null ? request.body().facts().model() : explicit;
        String asked = request.options().constraints().provider();
        AppliedPolicy applied = route.policy();
        List<String> likely =
                discovering.stream()
                        .filter(each -> asked == null || each.equalsIgnoreCase(asked))
                        .filter(
                                each ->
                                        applied == null
                                                ? model != null && !named(model)
                                                : hasLink(applied, each))
                        .toList();
        return likely.isEmpty()
                ? new End(FailureCode.NO_LANE_AVAILABLE, message)
                : new End(
                        FailureCode.NO_LANE_AVAILABLE,
                        "unless it is listed at run time by %s, %s"
                                .formatted(String.join(" or ", likely), message),
                        false);
    }

    private boolean named(String model) {
        return catalogue.current().lanes().stream().anyMatch(each -> each.names().contains(model));
    }

    private static boolean hasLink(AppliedPolicy applied, String provider) {
        return applied.policy().chain().stream().anyMatch(link -> link.provider().equals(provider));
    }

    /**
     * @param way empty: caps pass over every lane
     * @return null: none, it calls or waits
     */
    private static @Nullable End end(Route route, List<OpenLane> way) {
        if (way.isEmpty()) {
            return new End(
                    FailureCode.ESCALATION_EXHAUSTED, "its caps pass over every lane of the route");
        }
        OpenLane last = way.getLast();
        if (last.refuses()) {
            return new End(
                    FailureCode.INVALID_REQUEST,
                    "nothing was sent, as no lane that was tried can be told this: "
                            + refusals(way));
        }
        if (!last.takesCalls()) {
            return route.limits().whenBenched() == WhenBenched.WAIT
                    ? null
                    : new End(
                            FailureCode.ALL_LANES_BENCHED,
                            "every lane of the route is benched now");
        }
        Exceeded exceeded = last.exceeded();
        return exceeded == null || exceeded.onExceed() != OnExceed.ABORT
                ? null
                : new End(FailureCode.BUDGET_EXCEEDED, last.id() + ": " + exceeded.message());
    }

    private static String refusals(List<OpenLane> way) {
        return way.stream()
                .map(
                        each ->
                                "%s: %s (%s)"
                                        .formatted(
                                                each.id(),
                                                ErrorKind.BAD_REQUEST.label(),
                                                each.unsayable()))
                .collect(Collectors.joining("; "));
    }
}
