package dev.gantry.simulator.script;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads a fault, with how often it strikes, from a script. */
final class ScriptFault {
    private ScriptFault() {}

    static Chance read(ScriptNode node) {
        if (!node.json().isObject()) {
            throw node.wrong("an object with fault, chance, times and the fault's own members");
        }
        Fault fault = fault(node, node.needed("fault", allowed()));
        double share = ScriptReader.or(node.member("chance"), ScriptNode::number, 1.0);
        int times = ScriptReader.or(node.member("times"), ScriptNode::smallWhole, Chance.UNLIMITED);
        return node.checked(() -> new Chance(share, times, fault));
    }

    private static Fault fault(ScriptNode node, ScriptNode name) {
        return switch (name.text()) {
            case "hang" -> hang(node);
            case "cut_before" -> cutBefore(node);
            case "cut_during" -> new Fault.CutDuring(onlyEnding(node));
            case "cut_on_reuse" -> new Fault.CutOnReuse(onlyEnding(node));
            case "truncate" -> new Fault.Truncate();
            case "blank" -> new Fault.Blank();
            case "oversize" -> oversize(node);
            case "refuse_members" -> refuseMembers(node);
            default -> refuse(node, name);
        };
    }

    private static Fault refuse(ScriptNode node, ScriptNode name) {
        Refusal refusal =
                Arrays.stream(Refusal.values())
                        .filter(it -> ScriptNode.label(it).equals(name.text()))
                        .findFirst()
                        .orElseThrow(() -> name.wrong(allowed()));
        node.object("fault", "chance", "times", "style", "retry_after", "after");
        Duration retryAfter =
                ScriptReader.or(
                        node.member("retry_after"), ScriptNode::time, Duration.ofSeconds(2));
        Latency after = ScriptReader.or(node.member("after"), ScriptLatency::read, Latency.ZERO);
        ProviderStyle style = ScriptReader.style(node);
        return node.checked(() -> new Fault.Refuse(refusal, style, retryAfter, after));
    }

    private static Fault refuseMembers(ScriptNode node) {
        node.object("fault", "chance", "times", "members", "max_output_tokens");
        ScriptNode members = node.member("members");
        Map<String, String> refused = new HashMap<>();
        if (members != null) {
            for (String name : members.json().propertyNames()) {
                ScriptNode instead = members.needed(name, "a name or null");
                refused.put(name, instead.json().isNull() ? "" : instead.text());
            }
        }
        int ceiling =
                ScriptReader.or(
                        node.member("max_output_tokens"),
                        ScriptNode::smallWhole,
                        Integer.MAX_VALUE);
        return node.checked(() -> new Fault.RefuseMembers(refused, ceiling));
    }

    private static Fault hang(ScriptNode node) {
        node.object("fault", "chance", "times", "billed");
        return new Fault.Hang(ScriptReader.or(node.member("billed"), ScriptNode::truth, false));
    }

    private static Fault cutBefore(ScriptNode node) {
        node.object("fault", "chance", "times", "ending", "billed");
        return new Fault.CutBefore(
                connectionEnd(node),
                ScriptReader.or(node.member("billed"), ScriptNode::truth, true));
    }

    private static Fault oversize(ScriptNode node) {
        node.object("fault", "chance", "times", "bytes", "framing", "over");
        long bytes = node.needed("bytes", "a whole number").whole();
        Fault.Framing framing =
                ScriptReader.or(
                        node.member("framing"),
                        it -> it.oneOf(Fault.Framing.class),
                        Fault.Framing.LENGTH);
        Duration over = ScriptReader.or(node.member("over"), ScriptNode::time, Duration.ZERO);
        return node.checked(() -> new Fault.Oversize(bytes, framing, over));
    }

    private static ConnectionEnd onlyEnding(ScriptNode node) {
        return connectionEnd(node.object("fault", "chance", "times", "ending"));
    }

    private static ConnectionEnd connectionEnd(ScriptNode node) {
        return ScriptReader.or(
                node.member("ending"), it -> it.oneOf(ConnectionEnd.class), ConnectionEnd.CLOSE);
    }

    private static String allowed() {
        return Stream.concat(
                        Arrays.stream(Refusal.values()).map(ScriptNode::label),
                        Stream.of(
                                "hang",
                                "cut_before",
                                "cut_during",
                                "cut_on_reuse",
                                "truncate",
                                "blank",
                                "oversize",
                                "refuse_members"))
                .collect(Collectors.joining(", ", "one of ", ""));
    }
}
