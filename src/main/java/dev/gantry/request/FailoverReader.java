package dev.gantry.request;

import dev.gantry.inference.FailoverRules;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads what lets the chain of a request's own policy advance. */
final class FailoverReader {
    private final JsonText json;
    private final JsonParser parser;

    private @Nullable List<Integer> statuses;
    private @Nullable List<String> kinds;
    private @Nullable Duration timeout;
    private @Nullable Integer attempts;
    private @Nullable Boolean permanent;
    private @Nullable Integer retries;

    FailoverReader(JsonText json) {
        this.json = json;
        this.parser = json.parser();
    }

    FailoverRules read(String path) {
        json.membersOf(path, this::member);
        return FailoverRules.merged(statuses, kinds, timeout, attempts, permanent, retries);
    }

    private void member(String name, String member) {
        switch (name) {
            case "on_status" -> statuses = statuses(member);
            case "on_error_kinds" -> kinds = kinds(member);
            case "on_timeout_ms" -> timeout = json.millis(member, 1);
            case "max_attempts" ->
                    attempts = json.number(member, 1, FailoverRules.MOST_INLINE_ATTEMPTS);
            case "advance_on_permanent" -> permanent = json.flag(member);
            case "retries" -> retries = json.number(member, 0, FailoverRules.MOST_RETRIES);
            default ->
                    throw InvalidRequest.unknown(
                            member,
                            "on_status, on_error_kinds, on_timeout_ms, max_attempts,"
                                    + " advance_on_permanent, retries");
        }
    }

    private @Nullable List<Integer> statuses(String path) {
        if (!json.array(path)) {
            return null;
        }
        List<Integer> all = new ArrayList<>();
        json.entries(
                path,
                member -> {
                    Integer status = json.number(member, 100, 599);
                    if (status == null) {
                        throw json.wrong(member, "a status of 100 to 599");
                    }
                    all.add(status);
                });
        return all;
    }

    /** A list, or text with commas. */
    private @Nullable List<String> kinds(String path) {
        List<String> all = new ArrayList<>();
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            for (String each : parser.getString().split(",", JsonText.MAX_ENTRIES)) {
                if (!each.isBlank()) {
                    all.add(kind(path, each));
                }
            }
            return all;
        }
        if (!json.array(path)) {
            return null;
        }
        json.entries(
                path,
                member -> {
                    String label = json.text(member);
                    if (label == null) {
                        throw json.wrong(member, "an error kind");
                    }
                    all.add(kind(member, label));
                });
        return all;
    }

    private static String kind(String member, String label) {
        if (FailoverRules.kinds(label) == null) {
            throw InvalidRequest.wrongType(
                    member, JsonText.shorten(label.strip()), "one of " + FailoverRules.labels());
        }
        return label;
    }
}
