package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.classification.Corpus.Sample;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Payload;
import dev.gantry.provider.ProviderReply.Answered;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Whatever bytes a far side sends: a classification comes out, of no more than their beginning. */
class ErrorBodyFuzzTest {
    private static final int HUGE = 16 * 1024 * 1024;
    private static final List<Integer> STATUSES = List.of(200, 400, 401, 403, 404, 429, 500, 503);

    private static Optional<Classification> classify(int status, byte[] body) {
        Payload payload = Payload.opaque(body);
        Answer answer = new Answer(status, payload, null, null, null, null, null, null);
        return Answers.classify(new Answered(answer, Map.of()), "openai");
    }

    @Test
    void makesSomethingOfRandomBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);

        for (int i = 0; i < 2_000; i++) {
            byte[] body = new byte[random.nextInt(2_000)];
            random.nextBytes(body);
            int status = STATUSES.get(random.nextInt(STATUSES.size()));
            assertThat(classify(status, body)).as("seed %d, round %d", seed, i).isPresent();
        }
    }

    @Test
    void makesSomethingOfMutatedBodies() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Sample> samples = Corpus.read("given.jsonl");

        for (int i = 0; i < 5_000; i++) {
            Sample sample = samples.get(random.nextInt(samples.size()));
            byte[] body = mutated(sample.body().getBytes(StandardCharsets.UTF_8), random);
            assertThat(classify(sample.status(), body))
                    .as("seed %d, round %d, %s", seed, i, sample)
                    .isPresent();
        }
    }

    private static byte[] mutated(byte[] body, Random random) {
        byte[] mutant = Arrays.copyOf(body, random.nextInt(body.length + 1));
        for (int n = random.nextInt(6); n > 0 && mutant.length > 0; n--) {
            mutant[random.nextInt(mutant.length)] =
                    (byte) "\"{}[]:,\\x0".charAt(random.nextInt(10));
        }
        return mutant;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"message\":\"%s\"}}",
                "{\"error\":{\"message\":\"prompt is too long\",\"input\":\"%s\"}}",
                "{\"%s\":1,\"error\":{\"message\":\"overloaded\"}}",
                "%s",
                "<html>%s",
                "data: {\"error\":{\"message\":\"%s\"}}",
                "{\"error\":{\"message\":\"{\\\"error\\\":\\\"%s\\\"}\"}}"
            })
    void looksNoFurtherThanItsLimit(String shape) {
        for (String filler :
                List.of("request too large model ", "[", "{\\\"a\\\":", "a-", "{", "}")) {
            String body = shape.formatted(filler.repeat(HUGE / filler.length()));
            byte[] huge = body.getBytes(StandardCharsets.UTF_8);
            byte[] beginning = Arrays.copyOf(huge, ErrorBody.LIMIT);

            Classification ofHuge = classify(400, huge).orElseThrow();
            Classification ofBeginning = classify(400, beginning).orElseThrow();

            assertThat(ofHuge.kind()).isEqualTo(ofBeginning.kind());
            assertThat(ofHuge.scope()).isEqualTo(ofBeginning.scope());
            assertThat(ErrorBody.of(Payload.opaque(huge)).text())
                    .isEqualTo(ErrorBody.of(Payload.opaque(beginning)).text())
                    .hasSizeLessThanOrEqualTo(3 * Wording.LIMIT);
        }
    }

    @Test
    void saysWhatStandsBeforeTheCut() {
        byte[] cut =
                "{\"error\":{\"code\":\"rate_limit_exceeded\",\"mess"
                        .getBytes(StandardCharsets.UTF_8);

        ErrorBody read = ErrorBody.of(Payload.opaque(cut));

        assertThat(read.codes()).containsExactly("rate_limit_exceeded");
    }

    @Test
    void readsTheErrorOfAnAnswerThatBrokeOffButNotItsWords() {
        String body =
                "{\"choices\":[{\"message\":{\"content\":\"overloaded\",\"error\":\"no\"},"
                        + "\"error\":{\"code\":502,\"message\":\"upstream\"}}]}";

        ErrorBody read = ErrorBody.of(Payload.json(body.getBytes(StandardCharsets.UTF_8)));

        assertThat(read.text()).isEqualTo("upstream");
        assertThat(read.status()).isEqualTo(502);
    }
}
