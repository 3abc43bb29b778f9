package dev.gantry.simulator.script;

import java.time.Duration;
import java.util.List;

/** Reads a latency from a script. */
final class ScriptLatency {
    private static final String ALLOWED =
            "a time such as 400ms, or an object with one of fixed, uniform, log_normal, mixture";

    private ScriptLatency() {}

    static Latency read(ScriptNode node) {
        if (node.json().isString()) {
            return new Latency.Fixed(node.time());
        }
        if (!node.json().isObject() || node.json().size() != 1) {
            throw node.wrong(ALLOWED);
        }
        String kind = node.json().propertyNames().iterator().next();
        ScriptNode inner = node.needed(kind, ALLOWED);
        return switch (kind) {
            case "fixed" -> new Latency.Fixed(inner.time());
            case "uniform" -> uniform(inner);
            case "log_normal" -> logNormal(inner);
            case "mixture" -> mixture(inner);
            default -> throw node.wrong(ALLOWED);
        };
    }

    private static Latency uniform(ScriptNode node) {
        node.object("from", "to");
        Duration from = ScriptReader.or(node.member("from"), ScriptNode::time, Duration.ZERO);
        Duration to = node.needed("to", "a time such as 300ms").time();
        return node.checked(() -> new Latency.Uniform(from, to));
    }

    private static Latency logNormal(ScriptNode node) {
        node.object("median", "sigma", "cap");
        Duration median = node.needed("median", "a time such as 800ms").time();
        double sigma = node.needed("sigma", "a number from 0 to 5").number();
        Duration cap = node.needed("cap", "a time such as 30s").time();
        return node.checked(() -> new Latency.LogNormal(median, sigma, cap));
    }

    private static Latency mixture(ScriptNode node) {
        List<Latency.Part> parts = node.items().stream().map(ScriptLatency::part).toList();
        if (parts.isEmpty()) {
            throw node.wrong("a list with at least one part");
        }
        return new Latency.Mixture(parts);
    }

    private static Latency.Part part(ScriptNode node) {
        node.object("weight", "latency");
        double weight = node.needed("weight", "a number above 0").number();
        Latency latency = read(node.needed("latency", ALLOWED));
        return node.checked(() -> new Latency.Part(weight, latency));
    }
}
