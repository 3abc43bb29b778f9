package dev.gantry.cli.explain;

import dev.gantry.cli.Visible;
import dev.gantry.explain.CostRange;
import dev.gantry.explain.Explanation;
import dev.gantry.explain.Explanation.OpenLane;
import dev.gantry.explain.ExplanationJson;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.routing.AppliedPolicy;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the explanations of a file come to: its size depends on the catalogue and on how many ways
 * there are to fail, not on the file.
 */
final class FileSummary {
    /**
     * Of requests that fail for one reason, and of lines that no worker takes, so many are named.
     */
    static final int NAMED = 10;

    /** A file whose every line fails for a reason of its own is not told apart any further. */
    private static final int MOST_REASONS = 100;

    private final Map<LaneId, Share> lanes = new LinkedHashMap<>();
    private final Map<Object, Ending> endings = new LinkedHashMap<>();
    private final Map<Long, String> unusable = new LinkedHashMap<>();
    private final CostSum cost = new CostSum();
    private long unusableCount;

    /** The requests that one lane, or one model, would get. */
    static final class Share {
        final CostSum cost = new CostSum();
        String circuit = "";
        long requests;
        long inputTokens;
        long outputTokens;
        long unlimited;

        private void add(Explanation explanation, OpenLane taken) {
            requests++;
            inputTokens += explanation.request().body().facts().estimatedInputTokens();
            Long output = taken.call().projectedOutput();
            outputTokens += output == null ? 0 : output;
            unlimited += output == null ? 1 : 0;
            circuit = ExplanationJson.circuit(taken.availability());
            cost.add(taken.cost());
        }

        private void add(Share other) {
            requests += other.requests;
            inputTokens += other.inputTokens;
            outputTokens += other.outputTokens;
            unlimited += other.unlimited;
            cost.add(other.cost);
        }
    }

    /** The requests that would end without a call, for one reason. */
    static final class Ending {
        final String code;

        /** Of the first of them; the others differ in figures at most. */
        final String message;

        final List<Long> firstLines = new ArrayList<>();
        long requests;

        private Ending(String code, String message) {
            this.code = code;
            this.message = message;
        }
    }

    /**
     * What tells one reason from another.
     *
     * @param words the message without its figures, which may be the request's own
     */
    private record Reason(
            FailureCode code,
            @Nullable String model,
            @Nullable String policy,
            List<RoutingPolicy.Link> chain,
            String words) {
        private static final Pattern FIGURES = Pattern.compile("[0-9][0-9.,]*");

        static Reason of(Explanation explanation, Explanation.End end) {
            InferenceRequest request = explanation.request();
            String explicit = request.options().constraints().model();
            AppliedPolicy applied = explanation.route().policy();
            return new Reason(
                    end.code(),
                    explicit == null ? request.body().facts().model() : explicit,
                    applied == null ? null : applied.policy().name(),
                    applied == null ? List.of() : applied.policy().chain(),
                    FIGURES.matcher(end.message()).replaceAll("#"));
        }
    }

    void add(long line, Explanation explanation) {
        Explanation.End end = explanation.end();
        OpenLane taken = explanation.taken();
        CostRange range = explanation.cost();
        if (taken != null && range != null) {
            lanes.computeIfAbsent(taken.id(), _ -> new Share()).add(explanation, taken);
            cost.add(range);
        } else if (end != null) {
            ending(Reason.of(explanation, end), end, line);
        }
    }

    private void ending(Object reason, Explanation.End end, long line) {
        Object key = endings.size() < MOST_REASONS || endings.containsKey(reason) ? reason : "";
        Ending ending =
                endings.computeIfAbsent(
                        key,
                        _ ->
                                key.equals("")
                                        ? new Ending("other", "further reasons")
                                        : new Ending(end.code().label(), end.message()));
        ending.requests++;
        if (ending.firstLines.size() < NAMED) {
            ending.firstLines.add(line);
        }
    }

    void addUnusable(long line, String reason) {
        unusableCount++;
        if (unusable.size() < NAMED) {
            unusable.put(line, Visible.line(reason));
        }
    }

    /** In the order of their first request. */
    Map<LaneId, Share> lanes() {
        return lanes;
    }

    /** By the model's id. */
    Map<String, Share> models() {
        Map<String, Share> models = new TreeMap<>();
        lanes.forEach(
                (lane, share) -> models.computeIfAbsent(lane.model(), _ -> new Share()).add(share));
        return models;
    }

    List<Ending> endings() {
        return List.copyOf(endings.values());
    }

    /** The first few, by their line. */
    Map<Long, String> unusable() {
        return unusable;
    }

    long unusableCount() {
        return unusableCount;
    }

    long ended() {
        return endings.values().stream().mapToLong(each -> each.requests).sum();
    }

    long requests() {
        return lanes.values().stream().mapToLong(each -> each.requests).sum() + ended();
    }

    /** Of all requests that have a lane, whichever of its lanes each comes to. */
    CostSum cost() {
        return cost;
    }
}
