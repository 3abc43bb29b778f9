package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.classification.Corpus.Sample;
import dev.gantry.inference.ErrorKind;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import java.util.List;

class CorpusTest {
    static final List<String> SETS =
            List.of(
                    "given.jsonl",
                    "heldout.jsonl",
                    "third.jsonl",
                    "sampled.jsonl",
                    "fourth.jsonl",
                    "fifth.jsonl",
                    "sixth.jsonl",
                    "seventh.jsonl",
                    "ours.jsonl",
                    "eighth.jsonl",
                    "ninth.jsonl",
                    "tenth.jsonl",
                    "eleventh.jsonl",
                    "twelfth.jsonl",
                    "thirteenth.jsonl");

    @ParameterizedTest
    @FieldSource("SETS")
    void knowsTheKindOfEveryBody(String corpus) {
        List<Sample> samples = Corpus.read(corpus);

        List<String> wrong =
                samples.stream()
                        .filter(sample -> sample.classified().kind() != sample.kind())
                        .map(
                                sample ->
                                        "%s, not %s: %s"
                                                .formatted(
                                                        sample.classified().kind(),
                                                        sample.kind(),
                                                        sample))
                        .toList();

        assertThat(wrong).as("of %d", samples.size()).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("SETS")
    void knowsTheScopeOfEveryBody(String corpus) {
        List<Sample> samples = Corpus.read(corpus);

        List<String> wrong =
                samples.stream()
                        .filter(sample -> given(corpus) || sample.kind() != ErrorKind.RATE_LIMIT)
                        .filter(sample -> sample.classified().scope() != sample.scope())
                        .map(
                                sample ->
                                        "%s, not %s: %s"
                                                .formatted(
                                                        sample.classified().scope(),
                                                        sample.scope(),
                                                        sample))
                        .toList();

        assertThat(wrong).as("of %d", samples.size()).isEmpty();
    }

    /** Elsewhere the words do not tell: the lane's quota-scope says what a 429 benches. */
    private static boolean given(String corpus) {
        return corpus.equals("given.jsonl");
    }
}
