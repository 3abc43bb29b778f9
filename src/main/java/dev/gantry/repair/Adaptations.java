package dev.gantry.repair;

import dev.gantry.classification.Expendable;
import dev.gantry.dialect.DialectGaps;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.Because;
import dev.gantry.inference.Adaptation.Listed;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Change;
import dev.gantry.inference.Change.Clamped;
import dev.gantry.inference.Change.Dropped;
import dev.gantry.inference.Change.Renamed;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;
import dev.gantry.operation.Operations;
import dev.gantry.repair.Repair.Mend;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How bodies are changed for lanes: by what the catalogue says of them, and by repairs. Pure. */
public final class Adaptations {
    private static final String RESPONSES_LIMIT = Operations.RESPONSES.limits().getFirst();

    private Adaptations() {}

    public static Adaptation of(InferenceRequest request, Lane lane, Repair repair) {
        RequestBody body = request.body();
        Operation called = lane.called(request.operation());
        List<Change> changes = repair.changes();
        OutputLimit limit = limit(request, lane, repair);
        List<String> dropped = DialectGaps.dropped(lane.target().dialect(), called, request);
        Map<String, String> renamed = new HashMap<>();
        for (Member member : body.members()) {
            String name = member.name();
            boolean carries = limit != null && name.equals(limit.field());
            if (!carries
                    && (unsupported(name, request, lane)
                            || changes.contains(new Dropped(name))
                            || (isLimit(name) && losesLimit(changes))
                            || idle(member, body, lane))) {
                dropped.add(name);
            }
        }
        for (Change change : changes) {
            if (change instanceof Renamed(String member, String to) && !isLimit(member)) {
                renamed.put(member, to);
            }
        }
        return new Adaptation(
                called.equals(request.operation()) ? null : called,
                lane.id().model(),
                limit,
                dropped,
                renamed,
                listed(request, lane, repair));
    }

    /** By its own name, or by that of what becomes of it. */
    private static boolean unsupported(String member, InferenceRequest request, Lane lane) {
        Operation called = lane.called(request.operation());
        return lane.unsupportedParameters().contains(member)
                || lane.unsupportedParameters()
                        .contains(DialectGaps.nameThere(called, request, member));
    }

    /** What the caller is told: not that a model has the same member under another name. */
    private static List<Listed> listed(InferenceRequest request, Lane lane, Repair repair) {
        RequestBody body = request.body();
        Operation called = lane.called(request.operation());
        List<Listed> listed = new ArrayList<>();
        for (Member member : body.members()) {
            if (unsupported(member.name(), request, lane)) {
                listed.add(new Listed(new Dropped(member.name()), Because.CONFIGURED));
            }
        }
        for (Change each : DialectGaps.changes(lane.target().dialect(), called, request)) {
            if (!lane.unsupportedParameters().contains(each.member())) {
                listed.add(new Listed(each, Because.DIALECT));
            }
        }
        Long asked = body.facts().requestedOutputTokens();
        Long ceiling = lane.maxOutputTokens();
        String field =
                called.equals(Operations.RESPONSES)
                        ? RESPONSES_LIMIT
                        : limitField(body.facts(), lane);
        boolean limited = !lane.unsupportedParameters().contains(field);
        if (asked != null && ceiling != null && ceiling < asked && limited) {
            listed.add(new Listed(new Clamped(field, ceiling), Because.CONFIGURED));
        }
        repair.mends().stream()
                .filter(each -> !takesBack(each.change(), body))
                .map(Mend::listed)
                .forEach(listed::add);
        return listed;
    }

    /** Nothing is changed by it: it undoes a rename. */
    private static boolean takesBack(Change change, RequestBody body) {
        return change instanceof Renamed(String member, _)
                && !isLimit(member)
                && body.member(member).isEmpty();
    }

    /**
     * A limit that is none, and whose member no limit goes out in: -1 means nothing to most
     * servers, and null is refused by models that know the limit by another name.
     */
    private static boolean idle(Member member, RequestBody body, Lane lane) {
        if (!isLimit(member.name())) {
            return false;
        }
        return switch (body.bytes()[member.valueStart()]) {
            case '-' -> true;
            case 'n' -> !member.name().equals(limitField(body.facts(), lane));
            default -> false;
        };
    }

    /** Where an operation has one name for it only, no lane has another. */
    private static String limitField(RequestBody.Facts facts, Lane lane) {
        return Objects.requireNonNullElse(facts.limitField(), lane.maxTokensField());
    }

    /** Of a lane that knows the Responses API: its chats may want it under another name. */
    private static @Nullable OutputLimit limit(InferenceRequest request, Lane lane, Repair repair) {
        OutputLimit limit = limit(request.body().facts(), lane, repair);
        return limit != null && lane.called(request.operation()).equals(Operations.RESPONSES)
                ? new OutputLimit(RESPONSES_LIMIT, limit.tokens())
                : limit;
    }

    /** Null: none is sent. */
    private static @Nullable OutputLimit limit(RequestBody.Facts facts, Lane lane, Repair repair) {
        Long tokens = facts.requestedOutputTokens();
        if (tokens == null && lane.target().dialect() == Dialect.ANTHROPIC) {
            tokens = lane.maxOutputTokens(); // The protocol wants one.
        }
        String field = limitField(facts, lane);
        if (tokens == null || lane.unsupportedParameters().contains(field)) {
            return null;
        }
        long limit = atMost(tokens, lane.maxOutputTokens());
        for (Change change : repair.changes()) {
            if (!isLimit(change.member())) {
                continue;
            }
            switch (change) {
                case Dropped _ -> {
                    return null;
                }
                case Renamed(_, String to) -> field = facts.limitField() == null ? to : field;
                case Clamped(_, long ceiling) -> limit = Math.min(limit, ceiling);
            }
        }
        return new OutputLimit(field, limit);
    }

    /**
     * The most output that one choice can have. A limit that is lost was above the model's own
     * ceiling, so it still bounds it.
     *
     * @return tokens; null where neither request nor model sets a limit
     */
    public static @Nullable Long mostOutput(RequestBody.Facts facts, Lane lane, Repair repair) {
        OutputLimit limit = limit(facts, lane, repair);
        if (limit != null) {
            return limit.tokens();
        }
        Long asked = facts.requestedOutputTokens();
        return asked != null && losesLimit(repair.changes())
                ? Long.valueOf(atMost(asked, lane.maxOutputTokens()))
                : lane.maxOutputTokens();
    }

    private static boolean losesLimit(List<Change> changes) {
        return changes.stream()
                .anyMatch(each -> each instanceof Dropped(String member) && isLimit(member));
    }

    private static long atMost(long tokens, @Nullable Long ceiling) {
        return ceiling == null ? tokens : Math.min(tokens, ceiling);
    }

    /** Whether a change, learnt of another request, would change this one on this lane. */
    static boolean concerns(Change change, RequestBody body, Lane lane) {
        boolean unlimited = body.facts().requestedOutputTokens() == null;
        if (change instanceof Dropped(String member) && isLimit(member)) {
            // Learnt of a null: it costs no request the limit that it sets.
            return unlimited && body.member(member).isPresent();
        }
        if (!isLimit(change.member())) {
            return !lane.unsupportedParameters().contains(change.member())
                    && body.member(change.member())
                            .filter(
                                    each ->
                                            change instanceof Renamed
                                                    || Expendable.parameter(body, each))
                            .isPresent();
        }
        OutputLimit limit = limit(body.facts(), lane, Repair.NONE);
        return limit != null
                && switch (change) {
                    case Clamped(_, long ceiling) -> ceiling < limit.tokens();
                    case Renamed(String member, _) ->
                            body.facts().limitField() == null && member.equals(limit.field());
                    case Dropped _ -> true;
                };
    }

    public static boolean isLimit(String member) {
        return OutputLimit.NAMES.contains(member);
    }

    /** Whether two names are of one member: an output limit has several. */
    public static boolean sameMember(String one, String other) {
        return one.equals(other) || (isLimit(one) && isLimit(other));
    }
}
