package dev.gantry.request;

import dev.gantry.inference.Allowance;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.CostGoal;
import dev.gantry.inference.Effort;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads the {@code gantry} member; unknown members are errors (contract, request). */
final class OptionsReader {
    private static final int MAX_MAP_BYTES = 2048;
    static final int MAX_TEXT = 512;

    static final String ROOT = "gantry";

    private final String root;

    /** Of the request, and of its topic's stamp after it. */
    private JsonText json;

    private OptionValues values;

    private @Nullable String batchId;
    private @Nullable Instant deadline;
    private @Nullable String conversationId;
    private @Nullable String sessionId;
    private Map<String, String> caller = Map.of();
    private Map<String, String> billing = Map.of();
    private Map<String, String> tags = Map.of();
    private @Nullable String priority;
    private RequestOptions.Sensitivity sensitivity = RequestOptions.Sensitivity.NONE;
    private @Nullable Tier hintedTier;
    private RequestOptions.Preference prefer = RequestOptions.Preference.NONE;
    private RequestOptions.RoutingConstraints constraints = RequestOptions.RoutingConstraints.NONE;
    private RequestOptions.Intent intent = RequestOptions.Intent.NONE;
    private Caps caps = Caps.NONE;

    /**
     * @param root what messages call the member
     */
    OptionsReader(JsonText json, String root) {
        this.json = json;
        this.values = new OptionValues(json);
        this.root = root;
    }

    /** The parser stands on the member's value. */
    void read() {
        if (json.object(root)) {
            json.members(root, (name, _) -> member(name));
        }
    }

    /** The parser stands before the object. */
    void first() {
        var _ = json.parser().nextToken();
        read();
    }

    /** What stands in the stamp replaces what was read. */
    void stamped(Stamp stamp) {
        if (!stamp.empty()) {
            json = stamp.text();
            values = new OptionValues(json);
            first();
        }
    }

    /**
     * All that was read.
     *
     * @param topic that the record came from
     */
    RequestOptions options(RequestTopic topic) {
        stamped(topic.stamp());
        return options(topic.allowance(), Caps.perDay(topic.perDayUsd()));
    }

    RequestOptions options() {
        return options(Allowance.ALL, Caps.NONE);
    }

    private RequestOptions options(Allowance allowance, Caps more) {
        return new RequestOptions(
                conversationId,
                sessionId,
                caller,
                billing,
                tags,
                priority,
                sensitivity,
                hintedTier,
                prefer,
                constraints,
                intent,
                caps.and(more),
                allowance);
    }

    @Nullable String batchId() {
        return batchId;
    }

    @Nullable Instant deadline() {
        return deadline;
    }

    private void member(String name) {
        String path = root + "." + name;
        switch (name) {
            case "batch_id" -> batchId = RequestIds.checkedBatchId(path, json.text(path));
            case "conversation_id" -> conversationId = values.bounded(path);
            case "session_id" -> sessionId = values.bounded(path);
            case "caller" -> caller = joined(caller, json.texts(path, MAX_MAP_BYTES));
            case "billing" -> billing = joined(billing, json.texts(path, MAX_MAP_BYTES));
            case "tags" -> tags = joined(tags, json.texts(path, MAX_MAP_BYTES));
            case "priority" -> priority = values.bounded(path);
            case "deadline" -> deadline = values.instant(path);
            case "classification" -> sensitivity = sensitivity(path);
            case "hint" -> hint(path);
            case "prefer" -> prefer = preference(path);
            case "routing" -> constraints = constraints(path);
            case "intent" -> intent = intent(path);
            case "budget" -> caps = caps.and(new CapsReader(json).read(path));
            default ->
                    throw InvalidRequest.unknown(
                            path,
                            "batch_id, conversation_id, session_id, caller, billing, tags,"
                                    + " priority, deadline, classification, hint, prefer, routing,"
                                    + " intent, budget");
        }
    }

    private static Map<String, String> joined(Map<String, String> read, Map<String, String> more) {
        if (read.isEmpty()) {
            return more;
        }
        Map<String, String> joined = new HashMap<>(read);
        joined.putAll(more);
        return joined;
    }

    private RequestOptions.Sensitivity sensitivity(String path) {
        @Nullable String[] level = {sensitivity.level()};
        boolean[] flags = {sensitivity.pii(), sensitivity.phi()};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "level" -> level[0] = values.level(member);
                        case "contains_pii" -> flags[0] = Boolean.TRUE.equals(json.flag(member));
                        case "contains_phi" -> flags[1] = Boolean.TRUE.equals(json.flag(member));
                        default ->
                                throw InvalidRequest.unknown(
                                        member, "level, contains_pii, contains_phi");
                    }
                });
        return new RequestOptions.Sensitivity(level[0], flags[0], flags[1]);
    }

    private void hint(String path) {
        json.membersOf(
                path,
                (name, member) -> {
                    if (!name.equals("tier")) {
                        throw InvalidRequest.unknown(member, "tier");
                    }
                    hintedTier = values.tier(member);
                });
    }

    private RequestOptions.Preference preference(String path) {
        @Nullable String[] text = {prefer.provider(), prefer.instance()};
        @Nullable Tier[] tier = {prefer.tier()};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "provider" -> text[0] = values.bounded(member);
                        case "instance" -> text[1] = values.bounded(member);
                        case "tier" -> tier[0] = values.tier(member);
                        default -> throw InvalidRequest.unknown(member, "provider, instance, tier");
                    }
                });
        return new RequestOptions.Preference(text[0], text[1], tier[0]);
    }

    private RequestOptions.RoutingConstraints constraints(String path) {
        RequestOptions.RoutingConstraints read = constraints;
        @Nullable String[] text = {read.provider(), read.instance(), read.model()};
        @Nullable Tier[] tier = {read.tier()};
        @Nullable PolicyChoice[] policy = {read.policy()};
        @Nullable Boolean[] escalate = {read.escalate()};
        List<String> fallbacks = new ArrayList<>(read.fallbackModels());
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "provider" -> text[0] = values.bounded(member);
                        case "instance" -> text[1] = values.bounded(member);
                        case "model" -> text[2] = values.bounded(member);
                        case "tier" -> tier[0] = values.tier(member);
                        case "fallback_models" -> {
                            fallbacks.clear();
                            values.texts(member, fallbacks::add);
                        }
                        case "escalate" -> escalate[0] = json.flag(member);
                        case "policy" -> policy[0] = new PolicyReader(json).read(member);
                        default ->
                                throw InvalidRequest.unknown(
                                        member,
                                        "provider, instance, model, tier, policy, fallback_models,"
                                                + " escalate");
                    }
                });
        return new RequestOptions.RoutingConstraints(
                text[0], text[1], text[2], tier[0], policy[0], fallbacks, escalate[0]);
    }

    private RequestOptions.Intent intent(String path) {
        Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
        capabilities.addAll(intent.capabilities());
        @Nullable Effort[] effort = {intent.effort()};
        @Nullable String[] text = {intent.privacy(), null};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "capabilities" ->
                                values.texts(
                                        member,
                                        word ->
                                                capabilities.add(
                                                        OptionValues.capability(member, word)));
                        case "effort" -> effort[0] = values.effort(member);
                        case "privacy" -> text[0] = values.oneOf(member, "normal", "strict");
                        case "cost" -> text[1] = values.oneOf(member, "normal", "minimize");
                        default ->
                                throw InvalidRequest.unknown(
                                        member, "capabilities, effort, privacy, cost");
                    }
                });
        return new RequestOptions.Intent(
                capabilities,
                effort[0],
                text[0],
                text[1] == null
                        ? intent.cost()
                        : CostGoal.valueOf(text[1].toUpperCase(Locale.ROOT)));
    }
}
