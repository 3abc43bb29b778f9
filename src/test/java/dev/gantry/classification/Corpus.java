package dev.gantry.classification;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Labelled error bodies of real providers, one JSON object a line. */
final class Corpus {
    /** One error as it was received, and what it is; how long it asks to stay away, if told. */
    record Sample(
            int line,
            String vendor,
            int status,
            Map<String, String> headers,
            String body,
            ErrorKind kind,
            String hint,
            @Nullable Duration pause) {
        Classification classified() {
            return Answers.classify(status, body, headers, vendor).orElseThrow();
        }

        /**
         * What should cool, by section 3 of the routing rules: its table where it names one scope
         * for the kind, the label's hint otherwise.
         */
        Scope scope() {
            return switch (kind) {
                case BAD_REQUEST, CONTENT_POLICY, CONTEXT_OVERFLOW -> Scope.REQUEST;
                case AUTH -> hint.equals("endpoint") ? Scope.INSTANCE : hinted();
                case TIMEOUT, OVERLOADED, SERVER, UNKNOWN ->
                        hinted() == Scope.REQUEST ? Scope.REQUEST : Scope.LANE;
                default -> hinted();
            };
        }

        private Scope hinted() {
            if (hint.equals("request")) {
                return Scope.REQUEST;
            }
            if (named("model", "endpoint", "provider")) {
                return Scope.LANE;
            }
            return named("key", "project", "region") ? Scope.INSTANCE : Scope.ACCOUNT;
        }

        private boolean named(String... words) {
            return List.of(words).stream().anyMatch(hint::contains);
        }

        @Override
        public String toString() {
            return "line %d: %s %d %s".formatted(line, vendor, status, body);
        }
    }

    private Corpus() {}

    static List<Sample> read(String name) {
        List<Sample> samples = new ArrayList<>();
        try (var in =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        Corpus.class.getResourceAsStream(
                                                "/classification/" + name)),
                                StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                samples.add(sample(samples.size() + 1, JsonMapper.shared().readTree(line)));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return samples;
    }

    private static Sample sample(int line, JsonNode row) {
        Map<String, String> headers = new TreeMap<>();
        row.required("headers")
                .properties()
                .forEach(header -> headers.put(header.getKey(), header.getValue().stringValue()));
        return new Sample(
                line,
                row.required("vendor").stringValue(),
                row.required("status").intValue(),
                headers,
                row.required("body").stringValue(),
                ErrorKind.valueOf(row.required("kind").stringValue().toUpperCase(Locale.ROOT)),
                row.required("scope").stringValue(),
                row.has("wait") ? Duration.parse(row.path("wait").stringValue()) : null);
    }
}
