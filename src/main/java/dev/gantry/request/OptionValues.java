package dev.gantry.request;

import dev.gantry.inference.Capability;
import dev.gantry.inference.Effort;
import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonToken;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Reads the values that members of {@code gantry} take; JSON null is as if it were absent. */
final class OptionValues {
    private static final int MAX_TEXT = OptionsReader.MAX_TEXT;
    private static final int MAX_ENTRIES = 32;

    /** RFC 3339 knows four digits; arithmetic on instants beyond overflows. */
    private static final int LAST_YEAR = 9999;

    private static final List<String> LEVELS =
            List.of("public", "internal", "confidential", "restricted");

    private final JsonText json;

    OptionValues(JsonText json) {
        this.json = json;
    }

    /** Reads an array of texts, each with its path. */
    void texts(String path, Consumer<String> reader) {
        if (!json.array(path)) {
            return;
        }
        int count = 0;
        while (json.parser().nextToken() != JsonToken.END_ARRAY) {
            if (json.parser().currentToken() != JsonToken.VALUE_STRING) {
                throw json.wrong(path, "an array of texts");
            }
            if (count < MAX_ENTRIES) {
                String member = path + "[" + count + "]";
                reader.accept(JsonText.bounded(member, json.parser().getString(), MAX_TEXT));
            }
            count++;
        }
        if (count > MAX_ENTRIES) {
            throw new InvalidRequest(
                    "%s: %d entries are more than the %d allowed"
                            .formatted(path, count, MAX_ENTRIES));
        }
    }

    @Nullable String bounded(String member) {
        return json.text(member, MAX_TEXT);
    }

    @Nullable Tier tier(String member) {
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

    @Nullable String oneOf(String member, String first, String second) {
        String word = bounded(member);
        if (word != null && !word.equals(first) && !word.equals(second)) {
            throw InvalidRequest.wrongType(member, JsonText.shorten(word), first + " or " + second);
        }
        return word;
    }

    @Nullable Effort effort(String member) {
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

    static Capability capability(String member, String word) {
        return Capability.of(word)
                .orElseThrow(
                        () ->
                                InvalidRequest.wrongType(
                                        member,
                                        JsonText.shorten(word),
                                        "one of streaming, tools, vision, thinking"));
    }

    @Nullable Instant instant(String member) {
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
    @Nullable String level(String member) {
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
