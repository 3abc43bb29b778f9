package dev.gantry.simulator;

import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** A script in force since an instant, with what its rules have used up. */
final class RunningScript {
    private final Script script;
    private final Instant start;
    private final long seed;
    private final ScriptedRule otherwise;
    private final Map<String, ScriptedRule> models;
    private final Map<String, ScriptedRule> keys;

    RunningScript(Script script, Instant start, long seed) {
        this.script = script;
        this.start = start;
        this.seed = seed;
        this.otherwise = rule("default", script.otherwise());
        this.models = rules("model ", script.models());
        this.keys = rules("key ", script.keys());
    }

    private Map<String, ScriptedRule> rules(String prefix, Map<String, Behaviour> behaviours) {
        Map<String, ScriptedRule> rules = new HashMap<>();
        behaviours.forEach((name, behaviour) -> rules.put(name, rule(prefix + name, behaviour)));
        return Map.copyOf(rules);
    }

    private ScriptedRule rule(String name, Behaviour behaviour) {
        return new ScriptedRule(name, behaviour, script.outages(), start, seed);
    }

    /** A key's rule wins over a model's. */
    ScriptedRule rule(String model, @Nullable String key) {
        ScriptedRule keyed = key == null ? null : keys.get(key);
        return keyed == null ? models.getOrDefault(model, otherwise) : keyed;
    }

    boolean accepts(@Nullable String key) {
        return script.acceptedKeys().isEmpty()
                || (key != null && script.acceptedKeys().contains(key));
    }

    Script script() {
        return script;
    }

    Instant start() {
        return start;
    }

    long seed() {
        return seed;
    }
}
