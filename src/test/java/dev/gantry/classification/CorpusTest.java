package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.classification.Corpus.Sample;
import dev.gantry.dialect.WireFormat;
import dev.gantry.dialect.anthropic.MessagesFormat;
import dev.gantry.dialect.gemini.GeminiFormat;
import dev.gantry.inference.Answer;
import dev.gantry.inference.ErrorKind;
import dev.gantry.operation.Operations;
import dev.gantry.provider.ProviderReply;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

class CorpusTest {
    private static final Map<String, WireFormat> FORMATS =
            Map.of(
                    "anthropic", new MessagesFormat(),
                    "gemini", new GeminiFormat(),
                    "google", new GeminiFormat(),
                    "vertex", new GeminiFormat());

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
                    "thirteenth.jsonl",
                    "fourteenth.jsonl");

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

    /** What a result holds in OpenAI's form says less than the provider did. */
    @ParameterizedTest
    @FieldSource("SETS")
    void judgesWhatWasTranslatedByTheProvidersOwnWords(String corpus) {
        List<String> wrong =
                Corpus.read(corpus).stream()
                        .filter(sample -> FORMATS.containsKey(sample.vendor()))
                        .filter(
                                sample ->
                                        !told(translated(sample)).equals(told(sample.classified())))
                        .map(sample -> told(translated(sample)) + ": " + sample)
                        .toList();

        assertThat(wrong).isEmpty();
    }

    private static String told(Classification found) {
        return "%s %s %s %s"
                .formatted(found.kind(), found.scope(), found.code(), found.retryAfter());
    }

    private static Classification translated(Sample sample) {
        Answer answer =
                Objects.requireNonNull(FORMATS.get(sample.vendor()))
                        .answer(
                                Operations.CHAT,
                                sample.status(),
                                sample.headers(),
                                sample.body().getBytes(StandardCharsets.UTF_8))
                        .answer();
        ProviderReply reply = new ProviderReply.Answered(answer, sample.headers());
        return Answers.classify(reply, sample.vendor()).orElseThrow();
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

    /** Never longer than is honoured, however long was told. */
    @Test
    void knowsHowLongToStayAway() {
        List<Sample> told =
                Corpus.read("fourteenth.jsonl").stream()
                        .filter(sample -> sample.pause() != null)
                        .toList();

        List<String> wrong =
                told.stream()
                        .filter(sample -> !honoured(sample).equals(pause(sample)))
                        .map(sample -> pause(sample) + ", not " + sample.pause() + ": " + sample)
                        .toList();

        assertThat(told).isNotEmpty();
        assertThat(wrong).as("of %d", told.size()).isEmpty();
    }

    private static @Nullable Duration pause(Sample sample) {
        return sample.classified().retryAfter();
    }

    private static Duration honoured(Sample sample) {
        Duration told = Objects.requireNonNull(sample.pause());
        return told.compareTo(WaitHint.LONGEST) < 0 ? told : WaitHint.LONGEST;
    }

    /** Elsewhere the words do not tell: the lane's quota-scope says what a 429 benches. */
    private static boolean given(String corpus) {
        return corpus.equals("given.jsonl");
    }
}
