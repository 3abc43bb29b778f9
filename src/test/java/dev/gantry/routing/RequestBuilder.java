package dev.gantry.routing;

import dev.gantry.inference.Allowance;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Deadline;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.RequestOptions.Intent;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.RequestOptions.Preference;
import dev.gantry.inference.RequestOptions.RoutingConstraints;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.Tier;
import dev.gantry.inference.Trace;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A request for tests: a short chat that names no model, until told otherwise. */
public final class RequestBuilder {
    private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

    private String id = "r-1";
    private Operation operation = Operations.CHAT;
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
    private RoutingConstraints constraints = RoutingConstraints.NONE;
    private Intent intent = Intent.NONE;
    private Caps caps = Caps.NONE;
    private Allowance allowance = Allowance.ALL;
    private String execution = "EXECUTION";
    private @Nullable String session;
    private Instant deadline = Instant.parse("2030-01-01T00:00:00Z");

    private RequestBuilder() {}

    public static RequestBuilder request() {
        return new RequestBuilder();
    }

    public static RequestBuilder request(String model) {
        return new RequestBuilder().model(model);
    }

    public RequestBuilder id(String value) {
        id = value;
        return this;
    }

    public RequestBuilder operation(Operation value) {
        operation = value;
        return this;
    }

    public RequestBuilder model(@Nullable String name) {
        model = name;
        return this;
    }

    public RequestBuilder needs(Capability... all) {
        needs = Set.of(all);
        return this;
    }

    public RequestBuilder input(long tokens) {
        input = tokens;
        return this;
    }

    /** Its media is only named. */
    public RequestBuilder mediaElsewhere() {
        mediaElsewhere = true;
        return this;
    }

    public RequestBuilder output(long tokens) {
        output = tokens;
        return this;
    }

    public RequestBuilder choices(long n) {
        choices = n;
        return this;
    }

    public RequestBuilder members(String... names) {
        members = List.of(names);
        return this;
    }

    public RequestBuilder identity(String value) {
        identity = value;
        return this;
    }

    public RequestBuilder priority(String value) {
        priority = value;
        return this;
    }

    public RequestBuilder sensitivity(Sensitivity value) {
        sensitivity = value;
        return this;
    }

    public RequestBuilder hint(Tier tier) {
        hint = tier;
        return this;
    }

    public RequestBuilder prefer(Preference value) {
        prefer = value;
        return this;
    }

    public RequestBuilder provider(String name) {
        return direct(name, constraints.instance(), constraints.model(), constraints.tier());
    }

    public RequestBuilder instance(String name) {
        return direct(constraints.provider(), name, constraints.model(), constraints.tier());
    }

    public RequestBuilder explicitModel(String name) {
        return direct(constraints.provider(), constraints.instance(), name, constraints.tier());
    }

    public RequestBuilder tier(Tier tier) {
        return direct(constraints.provider(), constraints.instance(), constraints.model(), tier);
    }

    public RequestBuilder fallbacks(String... models) {
        constraints =
                new RoutingConstraints(
                        constraints.provider(),
                        constraints.instance(),
                        constraints.model(),
                        constraints.tier(),
                        constraints.policy(),
                        Arrays.asList(models),
                        constraints.escalate());
        return this;
    }

    public RequestBuilder escalate(boolean value) {
        constraints =
                new RoutingConstraints(
                        constraints.provider(),
                        constraints.instance(),
                        constraints.model(),
                        constraints.tier(),
                        constraints.policy(),
                        constraints.fallbackModels(),
                        value);
        return this;
    }

    public RequestBuilder policy(String name) {
        return policy(new PolicyChoice.Named(name));
    }

    public RequestBuilder policy(RoutingPolicy inline) {
        return policy(new PolicyChoice.Inline(inline));
    }

    private RequestBuilder policy(PolicyChoice choice) {
        constraints =
                new RoutingConstraints(
                        constraints.provider(),
                        constraints.instance(),
                        constraints.model(),
                        constraints.tier(),
                        choice,
                        constraints.fallbackModels(),
                        constraints.escalate());
        return this;
    }

    public RequestBuilder intent(Intent value) {
        intent = value;
        return this;
    }

    public RequestBuilder execution(String value) {
        execution = value;
        return this;
    }

    public RequestBuilder session(@Nullable String value) {
        session = value;
        return this;
    }

    public RequestBuilder caps(Caps value) {
        caps = value;
        return this;
    }

    public RequestBuilder deadline(Instant value) {
        deadline = value;
        return this;
    }

    public InferenceRequest build() {
        return new InferenceRequest(
                new RequestId(id),
                id,
                null,
                new SourcePosition("gantry.requests", 0, 0, 0),
                execution,
                operation,
                body(),
                options(),
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
                new RequestBody.Facts(
                        model,
                        needs,
                        input,
                        input,
                        mediaElsewhere,
                        output,
                        operation.limitField(),
                        choices,
                        null,
                        Set.of()));
    }

    private RequestOptions options() {
        return new RequestOptions(
                null,
                session,
                identity == null ? Map.of() : Map.of("identity", identity),
                Map.of(),
                Map.of(),
                priority,
                sensitivity,
                hint,
                prefer,
                constraints,
                intent,
                caps,
                allowance);
    }

    RequestBuilder allowance(Allowance its) {
        allowance = its;
        return this;
    }

    private RequestBuilder direct(
            @Nullable String provider,
            @Nullable String instance,
            @Nullable String explicit,
            @Nullable Tier tier) {
        constraints =
                new RoutingConstraints(
                        provider,
                        instance,
                        explicit,
                        tier,
                        constraints.policy(),
                        constraints.fallbackModels(),
                        constraints.escalate());
        return this;
    }
}
