package dev.gantry.request;

import dev.gantry.inference.Caps;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.IdRule;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.RoutingPolicy;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code gantry.routing.policy}: a name, or a policy of the request's own. */
final class PolicyReader {
    private final JsonText json;
    private final JsonParser parser;

    private @Nullable String label;
    private List<RoutingPolicy.Link> chain = List.of();
    private FailoverRules failover = FailoverRules.DEFAULT;
    private RoutingPolicy.Latency latency = RoutingPolicy.Latency.NONE;
    private Caps caps = Caps.NONE;
    private String event = RoutingPolicy.DEFAULT_EVENT;

    PolicyReader(JsonText json) {
        this.json = json;
        this.parser = json.parser();
    }

    /** The parser stands on the member's value; null: JSON null. */
    @Nullable PolicyChoice read(String path) {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_STRING ->
                    new PolicyChoice.Named(
                            JsonText.bounded(path, parser.getString(), OptionsReader.MAX_TEXT));
            case START_OBJECT -> new PolicyChoice.Inline(policy(path));
            default -> throw json.wrong(path, "the name of a policy or a policy");
        };
    }

    private RoutingPolicy policy(String path) {
        json.membersOf(path, this::member);
        if (chain.isEmpty()) {
            throw new InvalidRequest(path + ".chain: missing; required is at least one link");
        }
        return new RoutingPolicy(
                label == null ? RoutingPolicy.INLINE : RoutingPolicy.inline(label),
                chain,
                failover,
                latency,
                caps,
                event);
    }

    private void member(String name, String member) {
        switch (name) {
            case "label" -> label = label(member);
            case "chain" -> chain = chain(member);
            case "failover" -> failover = new FailoverReader(json).read(member);
            case "latency" -> latency = latency(member);
            case "budget" -> caps = new CapsReader(json).read(member);
            case "observe" -> observe(member);
            default ->
                    throw InvalidRequest.unknown(
                            member, "label, chain, failover, latency, budget, observe");
        }
    }

    private List<RoutingPolicy.Link> chain(String path) {
        List<RoutingPolicy.Link> links = new ArrayList<>();
        if (!json.array(path)) {
            return links;
        }
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count < RoutingPolicy.MOST_LINKS) {
                links.add(link(path + "[" + count + "]"));
            } else {
                parser.skipChildren();
            }
            count++;
        }
        if (count > RoutingPolicy.MOST_LINKS) {
            throw new InvalidRequest(
                    "%s: %d links are more than the %d allowed"
                            .formatted(path, count, RoutingPolicy.MOST_LINKS));
        }
        return links;
    }

    private RoutingPolicy.Link link(String path) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> {
                String text = JsonText.bounded(path, parser.getString(), OptionsReader.MAX_TEXT);
                int colon = text.indexOf(':');
                yield colon < 0
                        ? link(path, null, null, null, null, null)
                        : link(
                                path,
                                present(text.substring(0, colon)),
                                present(text.substring(colon + 1)),
                                null,
                                null,
                                null);
            }
            case START_OBJECT -> linkOfMembers(path);
            default -> throw json.wrong(path, "a link: provider:model, or an object");
        };
    }

    private RoutingPolicy.Link linkOfMembers(String path) {
        @Nullable String[] text = {null, null, null, null};
        @Nullable Duration[] timeout = {null};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "provider" -> text[0] = stripped(member);
                        case "model" -> text[1] = stripped(member);
                        case "instance" -> text[2] = stripped(member);
                        case "label" -> text[3] = label(member);
                        case "timeout_ms" -> timeout[0] = json.millis(member, 1);
                        default ->
                                throw InvalidRequest.unknown(
                                        member, "provider, model, instance, timeout_ms, label");
                    }
                });
        return link(path, text[0], text[1], text[2], timeout[0], text[3]);
    }

    private static RoutingPolicy.Link link(
            String path,
            @Nullable String provider,
            @Nullable String model,
            @Nullable String instance,
            @Nullable Duration timeout,
            @Nullable String label) {
        if (provider == null || model == null) {
            throw new InvalidRequest(
                    path
                            + ": provider and model are required, as provider:model or as an object"
                            + " with both");
        }
        return RoutingPolicy.Link.of(provider, model, instance, timeout, label);
    }

    private RoutingPolicy.Latency latency(String path) {
        @Nullable Duration[] times = {null, null};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "race_after_ms" ->
                                times[0] =
                                        json.millis(member, RoutingPolicy.SHORTEST_RACE.toMillis());
                        case "target_p95_ms" -> times[1] = json.millis(member, 1);
                        default ->
                                throw InvalidRequest.unknown(
                                        member, "race_after_ms, target_p95_ms");
                    }
                });
        return new RoutingPolicy.Latency(times[0], times[1]);
    }

    private void observe(String path) {
        json.membersOf(
                path,
                (name, member) -> {
                    if (!name.equals("emit_event")) {
                        throw InvalidRequest.unknown(member, "emit_event");
                    }
                    String written = label(member);
                    event = written == null ? RoutingPolicy.DEFAULT_EVENT : written;
                });
    }

    /** It stands in results, events and their headers. */
    private @Nullable String label(String member) {
        String label = stripped(member);
        if (label != null && !IdRule.isLabel(label)) {
            throw InvalidRequest.wrongType(
                    member,
                    JsonText.shorten(label),
                    "at most %d printable characters".formatted(IdRule.MAX_LABEL));
        }
        return label;
    }

    private @Nullable String stripped(String member) {
        String text = json.text(member, OptionsReader.MAX_TEXT);
        return text == null ? null : present(text);
    }

    private static @Nullable String present(String text) {
        return text.isBlank() ? null : text.strip();
    }
}
