package dev.gantry.request;

import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.CostGoal;
import dev.gantry.inference.Effort;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Reads the {@code gantry} member; unknown members are errors (contract, request). */
final class OptionsReader {
    private static final int MAX_MAP_BYTES = 2048;
    static final int MAX_TEXT = 512;
    private static final int MAX_ENTRIES = 32;

    /** RFC 3339 knows four digits; arithmetic on instants beyond overflows. */
    private static final int LAST_YEAR = 9999;

    private static final List<String> LEVELS =
            List.of("public", "internal", "confidential", "restricted");

    private final JsonText json;
    private final JsonParser parser;

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

    OptionsReader(JsonText json) {
        this.json = json;
        this.parser = json.parser();
    }

    /** The parser stands on the member's value. */
    void read() {
        if (json.object("gantry")) {
            json.members("gantry", (name, _) -> member(name));
        }
    }

    RequestOptions options() {
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
                caps);
    }

    @Nullable String batchId() {
        return batchId;
    }

    @Nullable Instant deadline() {
        return deadline;
    }

    private void member(String name) {
        String path = "gantry." + name;
        switch (name) {
            case "batch_id" -> batchId = RequestIds.checkedBatchId(path, json.text(path));
            case "conversation_id" -> conversationId = bounded(path);
            case "session_id" -> sessionId = bounded(path);
            case "caller" -> caller = json.texts(path, MAX_MAP_BYTES);
            case "billing" -> billing = json.texts(path, MAX_MAP_BYTES);
            case "tags" -> tags = json.texts(path, MAX_MAP_BYTES);
            case "priority" -> priority = bounded(path);
            case "deadline" -> deadline = instant(path);
            case "classification" -> sensitivity = sensitivity(path);
            case "hint" -> hint(path);
            case "prefer" -> prefer = preference(path);
            case "routing" -> constraints = constraints(path);
            case "intent" -> intent = intent(path);
            case "budget" -> caps = new CapsReader(json).read(path);
            default ->
                    throw InvalidRequest.unknown(
                            path,
                            "batch_id, conversation_id, session_id, caller, billing, tags,"
                                    + " priority, deadline, classification, hint, prefer, routing,"
                                    + " intent, budget");
        }
    }

    private RequestOptions.Sensitivity sensitivity(String path) {
        @Nullable String[] level = {null};
        boolean[] flags = {false, false};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "level" -> level[0] = level(member);
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
                    hintedTier = tier(member);
                });
    }

    private RequestOptions.Preference preference(String path) {
        @Nullable String[] text = {null, null};
        @Nullable Tier[] tier = {null};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "provider" -> text[0] = bounded(member);
                        case "instance" -> text[1] = bounded(member);
                        case "tier" -> tier[0] = tier(member);
                        default -> throw InvalidRequest.unknown(member, "provider, instance, tier");
                    }
                });
        return new RequestOptions.Preference(text[0], text[1], tier[0]);
    }

    private RequestOptions.RoutingConstraints constraints(String path) {
        @Nullable String[] text = {null, null, null};
        @Nullable Tier[] tier = {null};
        @Nullable PolicyChoice[] policy = {null};
        @Nullable Boolean[] escalate = {null};
        List<String> fallbacks = new ArrayList<>();
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "provider" -> text[0] = bounded(member);
                        case "instance" -> text[1] = bounded(member);
                        case "model" -> text[2] = bounded(member);
                        case "tier" -> tier[0] = tier(member);
                        case "fallback_models" -> texts(member, fallbacks::add);
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
        @Nullable Effort[] effort = {null};
        @Nullable String[] text = {null, null};
        json.membersOf(
                path,
                (name, member) -> {
                    switch (name) {
                        case "capabilities" ->
                                texts(member, word -> capabilities.add(capability(member, word)));
                        case "effort" -> effort[0] = effort(member);
                        case "privacy" -> text[0] = oneOf(member, "normal", "strict");
                        case "cost" -> text[1] = oneOf(member, "normal", "minimize");
                        default ->
                                throw InvalidRequest.unknown(
                                        member, "capabilities, effort, privacy, cost");
                    }
                });
        return new RequestOptions.Intent(
                capabilities,
                effort[0],
                text[0],
                text[1] == null ? null : CostGoal.valueOf(text[1].toUpperCase(Locale.ROOT)));
    }

    /** Reads an object: each member's name, and the name with its path. */
    private void texts(String path, Consumer<String> reader) {
        if (!json.array(path)) {
            return;
        }
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                throw json.wrong(path, "an array of texts");
            }
            if (count < MAX_ENTRIES) {
                String member = path + "[" + count + "]";
                reader.accept(JsonText.bounded(member, parser.getString(), MAX_TEXT));
            }
            count++;
        }
        if (count > MAX_ENTRIES) {
            throw new InvalidRequest(
                    "%s: %d entries are more than the %d allowed"
                            .formatted(path, count, MAX_ENTRIES));
        }
    }

    private @Nullable String bounded(String member) {
        return json.text(member, MAX_TEXT);
    }

    private @Nullable Tier tier(String member) {
        String label = bounded(member);
        if (label == null) {
            return null;
        }
        return Tier.of(label)
                .orElseThrow(
                        () ->
                                InvalidRequest.wrongType(
                                        member,
                                        JsonText.shorten(label),
                                        "one of local, direct, fleet, cloud, frontier"));
    }

    private @Nullable String oneOf(String member, String first, String second) {
        String word = bounded(member);
        if (word != null && !word.equals(first) && !word.equals(second)) {
            throw InvalidRequest.wrongType(member, JsonText.shorten(word), first + " or " + second);
        }
        return word;
    }

    private @Nullable Effort effort(String member) {
        String word = bounded(member);
        if (word == null) {
            return null;
        }
        return Effort.of(word)
                .orElseThrow(
                        () ->
                                InvalidRequest.wrongType(
                                        member,
                                        JsonText.shorten(word),
                                        "one of low, moderate, high, reasoning"));
    }

    private static Capability capability(String member, String word) {
        return Capability.of(word)
                .orElseThrow(
                        () ->
                                InvalidRequest.wrongType(
                                        member,
                                        JsonText.shorten(word),
                                        "one of streaming, tools, vision, thinking"));
    }

    private @Nullable Instant instant(String member) {
        String written = json.text(member);
        if (written == null) {
            return null;
        }
        try {
            OffsetDateTime time = OffsetDateTime.parse(written);
            if (time.getYear() >= 0 && time.getYear() <= LAST_YEAR) {
                return time.toInstant();
            }
        } catch (DateTimeParseException _) {
            // Said below.
        }
        throw InvalidRequest.wrongType(member, JsonText.shorten(written), "an RFC 3339 time");
    }

    /** An unknown level is not "not restricted": it might have been meant as that. */
    private @Nullable String level(String member) {
        String written = bounded(member);
        if (written == null || written.isBlank()) {
            return null;
        }
        String level = written.strip().toLowerCase(Locale.ROOT);
        if (!LEVELS.contains(level)) {
            throw InvalidRequest.wrongType(
                    member, JsonText.shorten(written), "one of " + String.join(", ", LEVELS));
        }
        return level;
    }
}
