package dev.gantry.simulator;

import dev.gantry.simulator.http.Reply;
import dev.gantry.simulator.quota.Grant;
import dev.gantry.simulator.quota.LimitHeading;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.ProviderStyle;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.ScriptNode;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a refusal as the provider of the given style would. The words and headers are data:
 * refusals.json.
 */
record RefusalReply(String model, String keyLabel, String requestId, Numbers numbers, Instant now) {
    /**
     * What a refusal says of the limit.
     *
     * @param requested by the refused call
     */
    record Numbers(long limit, long used, long requested) {
        /** When no rate limit is scripted, a refusal still names one. */
        static final Numbers USUAL = new Numbers(500, 500, 1);

        static Numbers of(@Nullable Grant grant) {
            Grant.Refused refused = grant == null ? null : grant.refused();
            return refused == null
                    ? USUAL
                    : new Numbers(refused.limit(), refused.used(), refused.requested());
        }
    }

    /** By style and refusal, each as scripts write it: openai/rate_limit. */
    private static final Map<String, Reply> TEMPLATES = templates();

    private static final JsonStringEncoder JSON = JsonStringEncoder.getInstance();

    Reply of(Fault.Refuse refuse, Protocol protocol) {
        ProviderStyle style = protocol.style(refuse.style());
        Reply template = Objects.requireNonNull(TEMPLATES.get(place(style, refuse.refusal())));
        Map<String, String> headers = new LinkedHashMap<>();
        template.headers()
                .forEach((name, value) -> headers.put(name, filled(value, refuse.retryAfter())));
        return new Reply(template.status(), headers, filled(template.body(), refuse.retryAfter()));
    }

    private String filled(String template, Duration retryAfter) {
        if (!template.contains("${")) {
            return template;
        }
        return template.replace("${model}", escaped(model))
                .replace("${key}", escaped(keyLabel))
                .replace("${request_id}", requestId)
                .replace("${limit}", Long.toString(numbers.limit()))
                .replace("${used}", Long.toString(numbers.used()))
                .replace("${requested}", Long.toString(numbers.requested()))
                .replace("${wait}", LimitHeading.brief(retryAfter))
                .replace("${seconds}", Long.toString(ceil(retryAfter, 1000)))
                .replace("${millis}", Long.toString(ceil(retryAfter, 1)))
                .replace("${reset_at}", resetAt(retryAfter));
    }

    private String resetAt(Duration retryAfter) {
        return now.plus(retryAfter).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1).toString();
    }

    /** In units of so many milliseconds, rounded up: advice that is too early is a lie. */
    private static long ceil(Duration time, int unit) {
        long nanos = unit * 1_000_000L;
        return (time.toNanos() + nanos - 1) / nanos;
    }

    private static String escaped(String text) {
        StringBuilder json = new StringBuilder(text.length());
        JSON.quoteAsString(text, json);
        return json.toString();
    }

    private static String place(ProviderStyle style, Refusal refusal) {
        return ScriptNode.label(style) + "/" + ScriptNode.label(refusal);
    }

    private static Map<String, Reply> templates() {
        try (InputStream file = RefusalReply.class.getResourceAsStream("refusals.json")) {
            if (file == null) {
                throw new IllegalStateException("refusals.json is missing from the jar");
            }
            JsonNode all = JsonMapper.shared().readTree(file);
            Map<String, Reply> templates = new HashMap<>();
            for (ProviderStyle style : ProviderStyle.values()) {
                for (Refusal refusal : Refusal.values()) {
                    String place = place(style, refusal);
                    templates.put(place, template(all.at("/" + place)));
                }
            }
            return templates;
        } catch (IOException e) {
            throw new IllegalStateException("refusals.json cannot be read", e);
        }
    }

    private static Reply template(JsonNode json) {
        Map<String, String> headers = new LinkedHashMap<>();
        json.get("headers")
                .properties()
                .forEach(header -> headers.put(header.getKey(), header.getValue().stringValue()));
        JsonNode body = json.get("body");
        return new Reply(
                json.get("status").intValue(),
                headers,
                body.isString() ? body.stringValue() : body.toString());
    }
}
