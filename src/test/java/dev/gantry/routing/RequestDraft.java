package dev.gantry.routing;

import dev.gantry.inference.Capability;
import dev.gantry.inference.Deadline;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.Terms;
import dev.gantry.inference.Terms.Direction;
import dev.gantry.inference.Terms.Intent;
import dev.gantry.inference.Terms.Preference;
import dev.gantry.inference.Terms.Sensitivity;
import dev.gantry.inference.Tier;
import dev.gantry.inference.Trace;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A request for tests: a short chat that names no model, until told otherwise. */
public final class RequestDraft {
    private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

    private String id = "r-1";
    private Operation operation = Operation.CHAT;
    private @Nullable String model;
    private Set<Capability> needs = Set.of();
    private long input = 10;
    private @Nullable Long output;
    private boolean mediaElsewhere;
    private long choices = 1;
    private List<String> members = List.of();
    private @Nullable String identity;
    private @Nullable String priority;
    private Sensitivity sensitivity = Sensitivity.NONE;
    private @Nullable Tier hint;
    private Preference prefer = Preference.NONE;
    private Direction direction = Direction.NONE;
    private Intent intent = Intent.NONE;
    private Instant deadline = Instant.parse("2030-01-01T00:00:00Z");

    private RequestDraft() {}

    public static RequestDraft request() {
        return new RequestDraft();
    }

    public static RequestDraft request(String model) {
        return new RequestDraft().model(model);
    }

    public RequestDraft id(String value) {
        id = value;
        return this;
    }

    public RequestDraft operation(Operation value) {
        operation = value;
        return this;
    }

    public RequestDraft model(@Nullable String name) {
        model = name;
        return this;
    }

    public RequestDraft needs(Capability... all) {
        needs = Set.of(all);
        return this;
    }

    public RequestDraft input(long tokens) {
        input = tokens;
        return this;
    }

    /** Its media is only named. */
    public RequestDraft mediaElsewhere() {
        mediaElsewhere = true;
        return this;
    }

    public RequestDraft output(long tokens) {
        output = tokens;
        return this;
    }

    public RequestDraft choices(long n) {
        choices = n;
        return this;
    }

    public RequestDraft members(String... names) {
        members = List.of(names);
        return this;
    }

    public RequestDraft identity(String value) {
        identity = value;
        return this;
    }

    public RequestDraft priority(String value) {
        priority = value;
        return this;
    }

    public RequestDraft sensitivity(Sensitivity value) {
        sensitivity = value;
        return this;
    }

    public RequestDraft hint(Tier tier) {
        hint = tier;
        return this;
    }

    public RequestDraft prefer(Preference value) {
        prefer = value;
        return this;
    }

    public RequestDraft provider(String name) {
        return direct(name, direction.instance(), direction.model(), direction.tier());
    }

    public RequestDraft instance(String name) {
        return direct(direction.provider(), name, direction.model(), direction.tier());
    }

    public RequestDraft explicitModel(String name) {
        return direct(direction.provider(), direction.instance(), name, direction.tier());
    }

    public RequestDraft tier(Tier tier) {
        return direct(direction.provider(), direction.instance(), direction.model(), tier.label());
    }

    public RequestDraft fallbacks(String... models) {
        direction =
                new Direction(
                        direction.provider(),
                        direction.instance(),
                        direction.model(),
                        direction.tier(),
                        Arrays.asList(models),
                        direction.escalate());
        return this;
    }

    public RequestDraft escalate(boolean value) {
        direction =
                new Direction(
                        direction.provider(),
                        direction.instance(),
                        direction.model(),
                        direction.tier(),
                        direction.fallbackModels(),
                        value);
        return this;
    }

    public RequestDraft intent(Intent value) {
        intent = value;
        return this;
    }

    public RequestDraft deadline(Instant value) {
        deadline = value;
        return this;
    }

    public InferenceRequest build() {
        return new InferenceRequest(
                new RequestId(id),
                id,
                null,
                new SourcePosition("gantry.requests", 0, 0, 0),
                "EXECUTION",
                operation,
                body(),
                terms(),
                new Deadline(deadline),
                Trace.NONE,
                Instant.EPOCH);
    }

    private RequestBody body() {
        return new RequestBody(
                BODY,
                0,
                BODY.length,
                members.stream().map(name -> new RequestBody.Member(name, 0, 0, 0)).toList(),
                new RequestBody.Facts(model, needs, input, mediaElsewhere, output, choices, null));
    }

    private Terms terms() {
        return new Terms(
                null,
                null,
                identity == null ? Map.of() : Map.of("identity", identity),
                Map.of(),
                Map.of(),
                priority,
                sensitivity,
                hint,
                prefer,
                direction,
                intent);
    }

    private RequestDraft direct(
            @Nullable String provider,
            @Nullable String instance,
            @Nullable String explicit,
            @Nullable String tier) {
        direction =
                new Direction(
                        provider,
                        instance,
                        explicit,
                        tier,
                        direction.fallbackModels(),
                        direction.escalate());
        return this;
    }
}
