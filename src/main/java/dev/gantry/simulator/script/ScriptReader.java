package dev.gantry.simulator.script;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Turns a script's JSON into records; strict, so that a slip is a message and not a quiet no-op.
 */
final class ScriptReader {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private ScriptReader() {}

    static Script read(String json) {
        ScriptNode root = new ScriptNode("script", tree(json));
        root.object("seed", "accepted_keys", "default", "models", "keys", "outages");
        return new Script(
                or(root.member("seed"), ScriptNode::whole, null),
                acceptedKeys(root.member("accepted_keys")),
                behaviour(root.member("default")),
                behaviours(root.member("models"), "models"),
                behaviours(root.member("keys"), "keys"),
                outages(root.member("outages")));
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            throw new ScriptException(
                    "script: not JSON at line %d, column %d: %s"
                            .formatted(
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr(),
                                    e.getOriginalMessage()));
        }
    }

    private static Set<String> acceptedKeys(@Nullable ScriptNode node) {
        return node == null
                ? Set.of()
                : node.items().stream().map(ScriptNode::text).collect(Collectors.toSet());
    }

    /** A key is a secret: errors below "keys" name it by its place. */
    private static Map<String, Behaviour> behaviours(@Nullable ScriptNode node, String member) {
        if (node == null) {
            return Map.of();
        }
        if (!node.json().isObject()) {
            throw node.wrong("an object of behaviours");
        }
        Map<String, Behaviour> behaviours = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.json().properties()) {
            String name = member.equals("keys") ? keyPlace(behaviours.size()) : entry.getKey();
            behaviours.put(
                    entry.getKey(),
                    behaviour(new ScriptNode(node.path() + "." + name, entry.getValue())));
        }
        return behaviours;
    }

    private static String keyPlace(int index) {
        return "(key %d)".formatted(index + 1);
    }

    private static Behaviour behaviour(@Nullable ScriptNode node) {
        if (node == null) {
            return Behaviour.FAULTLESS;
        }
        node.object("latency", "faults", "rate_limit", "outages", "answer");
        Latency latency = or(node.member("latency"), ScriptLatency::read, Latency.ZERO);
        List<Chance> faults = list(node.member("faults"), ScriptFault::read);
        RateLimit limit = or(node.member("rate_limit"), ScriptReader::rateLimit, null);
        List<Outage> outages = outages(node.member("outages"));
        AnswerShape shape = or(node.member("answer"), ScriptReader::shape, AnswerShape.USUAL);
        return node.checked(() -> new Behaviour(latency, faults, limit, outages, shape));
    }

    private static RateLimit rateLimit(ScriptNode node) {
        node.object(
                "requests",
                "burst",
                "tokens",
                "token_burst",
                "concurrent",
                "per",
                "style",
                "headers",
                "settles");
        RateLimit.Capacity requests = capacity(node, "requests", "burst");
        RateLimit.Capacity tokens = capacity(node, "tokens", "token_burst");
        int concurrent = or(node.member("concurrent"), ScriptNode::smallWhole, 0);
        Duration per = or(node.member("per"), ScriptNode::time, Duration.ofMinutes(1));
        ProviderStyle style = style(node);
        LimitHeaderStyle headers =
                or(node.member("headers"), it -> it.oneOf(LimitHeaderStyle.class), null);
        boolean settles = or(node.member("settles"), ScriptNode::truth, true);
        return node.checked(
                () -> new RateLimit(requests, tokens, concurrent, per, style, headers, settles));
    }

    private static RateLimit.@Nullable Capacity capacity(
            ScriptNode node, String limit, String burst) {
        ScriptNode stated = node.member(limit);
        if (stated == null) {
            return null;
        }
        long whole = stated.whole();
        return new RateLimit.Capacity(whole, or(node.member(burst), ScriptNode::whole, whole));
    }

    static ProviderStyle style(ScriptNode node) {
        return or(node.member("style"), it -> it.oneOf(ProviderStyle.class), ProviderStyle.OPENAI);
    }

    private static List<Outage> outages(@Nullable ScriptNode node) {
        return list(node, ScriptReader::outage);
    }

    private static Outage outage(ScriptNode node) {
        node.object("from", "to", "as");
        Duration from = or(node.member("from"), ScriptNode::time, Duration.ZERO);
        Duration to = node.needed("to", "a time such as 40s").time();
        Outage.Kind kind =
                or(node.member("as"), it -> it.oneOf(Outage.Kind.class), Outage.Kind.UNAVAILABLE);
        return node.checked(() -> new Outage(from, to, kind));
    }

    private static AnswerShape shape(ScriptNode node) {
        node.object("tokens", "cached_share", "reasoning_share", "model_suffix");
        int tokens = or(node.member("tokens"), ScriptNode::smallWhole, 0);
        double cached = or(node.member("cached_share"), ScriptNode::number, 0.0);
        double reasoning = or(node.member("reasoning_share"), ScriptNode::number, 0.0);
        String suffix = or(node.member("model_suffix"), ScriptNode::text, "");
        return node.checked(() -> new AnswerShape(tokens, cached, reasoning, suffix));
    }

    private static <T> List<T> list(@Nullable ScriptNode node, Function<ScriptNode, T> read) {
        return node == null ? List.of() : node.items().stream().map(read).toList();
    }

    static <T extends @Nullable Object> T or(
            @Nullable ScriptNode node, Function<ScriptNode, ? extends T> read, T absent) {
        return node == null ? absent : read.apply(node);
    }
}
