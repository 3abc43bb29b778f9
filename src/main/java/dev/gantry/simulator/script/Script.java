package dev.gantry.simulator.script;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a simulated provider does, as data. As JSON, every member optional:
 *
 * <pre>{@code
 * {
 *   "seed": 42,                        same seed, same order of calls: same decisions
 *   "accepted_keys": ["sk-good"],      any other key: 401; absent: every key, or none, will do
 *   "default": BEHAVIOUR,              for all that no rule below covers
 *   "models": {"gpt-5-mini": BEHAVIOUR},
 *   "keys": {"sk-good": BEHAVIOUR},    a key's rule wins over a model's
 *   "outages": [{"from": "30s", "to": "40s", "as": "refused"}]
 * }
 *
 * BEHAVIOUR:
 * {
 *   "latency": "400ms",
 *   "faults": [{"fault": "rate_limit", "chance": 0.05, "style": "anthropic", "retry_after": "2s"},
 *              {"fault": "server", "times": 3}],
 *   "rate_limit": {"requests": 60, "per": "1m", "burst": 10, "style": "azure"},
 *   "outages": [{"from": "10s", "to": "20s", "as": "unavailable"}],
 *   "answer": {"tokens": 120, "cached_share": 0.5, "reasoning_share": 0.2, "model_suffix": "-2025-08-07"}
 * }
 *
 * latency:
 *   "400ms"
 *   {"uniform": {"from": "100ms", "to": "300ms"}}
 *   {"log_normal": {"median": "800ms", "sigma": 0.6, "cap": "30s"}}
 *   {"mixture": [{"weight": 2, "latency": "8s"}, {"weight": 98, "latency": "400ms"}]}
 *
 * fault, each with "chance" (default 1) and "times" (default: no limit):
 *   rate_limit server overloaded billing auth model_missing bad_request context_overflow
 *   content_policy error_in_200 bad_gateway    "style" openai (default), anthropic, azure, gemini;
 *                                              "retry_after" 2s; "after" a latency, default none
 *   hang                                       "billed" false
 *   cut_before                                 "ending" close (default), reset; "billed" true
 *   cut_during, cut_on_reuse                   "ending"
 *   truncate, blank
 *   oversize                                   "bytes"; "framing" length (default), chunked;
 *                                              "over" 0s: how long its text takes to send
 *   refuse_members                             "members": {"temperature": null, "max_tokens": "its name"}
 *                                              that the model lacks; "max_output_tokens" its ceiling
 * }</pre>
 *
 * Without "burst" a rate limit's bucket holds one period's requests. Outages count from when the
 * script was put in place; "as" is unavailable (503), hang, cut, or, at the top only, refused.
 *
 * @param seed null: the provider draws one and tells
 * @param acceptedKeys empty: all keys; secrets
 * @param otherwise for all that no rule covers
 * @param keys by API key; secrets
 */
public record Script(
        @Nullable Long seed,
        Set<String> acceptedKeys,
        Behaviour otherwise,
        Map<String, Behaviour> models,
        Map<String, Behaviour> keys,
        List<Outage> outages) {
    public Script {
        acceptedKeys = Set.copyOf(acceptedKeys);
        models = Map.copyOf(models);
        keys = Map.copyOf(keys);
        outages = List.copyOf(outages);
    }

    /** One behaviour for everything. */
    public static Script of(Behaviour otherwise) {
        return new Script(null, Set.of(), otherwise, Map.of(), Map.of(), List.of());
    }

    /** Reads the JSON form; what is wrong in it is named with what is allowed. */
    public static Script parse(String json) {
        return ScriptReader.read(json);
    }

    /** Reads a file in the JSON form. */
    public static Script load(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (ScriptException e) {
            throw new ScriptException("%s: %s".formatted(file, e.getMessage()));
        } catch (NoSuchFileException _) {
            throw new ScriptException("script file %s does not exist".formatted(file));
        } catch (IOException e) {
            throw new ScriptException(
                    "script file %s cannot be read: %s".formatted(file, e.getMessage()));
        }
    }

    /** Believable models for a first look: a quick one, a slow one, a flaky one. */
    public static Script demo() {
        try (InputStream file = Script.class.getResourceAsStream("demo-script.json")) {
            if (file == null) {
                throw new IllegalStateException("demo-script.json is missing from the jar");
            }
            return parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("demo-script.json cannot be read", e);
        }
    }

    public Script seeded(long value) {
        return new Script(value, acceptedKeys, otherwise, models, keys, outages);
    }

    /** Adds or replaces a model's rule. */
    public Script model(String model, Behaviour behaviour) {
        Map<String, Behaviour> more = new HashMap<>(models);
        more.put(model, behaviour);
        return new Script(seed, acceptedKeys, otherwise, more, keys, outages);
    }

    /** Adds or replaces a key's rule. */
    public Script key(String key, Behaviour behaviour) {
        Map<String, Behaviour> more = new HashMap<>(keys);
        more.put(key, behaviour);
        return new Script(seed, acceptedKeys, otherwise, models, more, outages);
    }

    /** Accepts this key, and from now on only such keys. */
    public Script accepting(String key) {
        Set<String> more = new HashSet<>(acceptedKeys);
        more.add(key);
        return new Script(seed, more, otherwise, models, keys, outages);
    }

    /** Adds an outage of the whole simulator. */
    public Script outage(Duration from, Duration to, Outage.Kind kind) {
        List<Outage> more = new ArrayList<>(outages);
        more.add(new Outage(from, to, kind));
        return new Script(seed, acceptedKeys, otherwise, models, keys, more);
    }

    /** Leaves the keys out. */
    @Override
    public String toString() {
        return "Script[seed=%s, models=%s, %d key rules, %d outages]"
                .formatted(seed, models.keySet(), keys.size(), outages.size());
    }
}
