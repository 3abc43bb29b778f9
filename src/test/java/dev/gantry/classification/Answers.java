package dev.gantry.classification;

import dev.gantry.inference.Answer;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Payload;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Answers as the dialect would read them, and what the classifier says of them. */
final class Answers {
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    private static final Classifier CLASSIFIER = new Classifier();

    private Answers() {}

    static Optional<Classification> classify(int status, String body) {
        return classify(status, body, Map.of(), "generic");
    }

    static Optional<Classification> classify(
            int status, String body, Map<String, String> headers, String vendor) {
        return classify(answer(status, body, headers), vendor);
    }

    static Optional<Classification> classify(ProviderReply reply, String vendor) {
        return classify(reply, vendor, MeteringSamples.request());
    }

    static Optional<Classification> classify(
            ProviderReply reply, String vendor, InferenceRequest request) {
        return CLASSIFIER.classify(reply, request, vendor, NOW);
    }

    static ProviderReply answer(int status, String body, Map<String, String> headers) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        Optional<JsonNode> json = parsed(body);
        Payload payload = json.isPresent() ? Payload.json(bytes) : Payload.opaque(bytes);
        return new Answered(
                new Answer(
                        status,
                        payload,
                        null,
                        null,
                        null,
                        json.map(Answers::finishReason).orElse(null),
                        null,
                        null),
                headers);
    }

    private static Optional<JsonNode> parsed(String body) {
        try {
            JsonNode tree = JsonMapper.shared().readTree(body);
            return tree.isMissingNode() ? Optional.empty() : Optional.of(tree);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String finishReason(JsonNode tree) {
        JsonNode reason = tree.at("/choices/0/finish_reason");
        return reason.isString() ? reason.stringValue() : null;
    }
}
