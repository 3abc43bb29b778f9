package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random waits through every style that providers write them in, and junk through the same. */
class WaitHintPropertyTest {
    private static final Instant NOW = Answers.NOW;
    private static final ErrorBody NOTHING = ErrorBody.of(Payload.opaque(new byte[0]));

    private static @Nullable Duration ofHeader(String name, String value) {
        return WaitHint.of(Map.of(name, value), NOTHING, "", "generic", NOW);
    }

    private static @Nullable Duration ofText(String text) {
        return WaitHint.of(Map.of(), NOTHING, Wording.comparable(text), "generic", NOW);
    }

    private static @Nullable Duration ofBody(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return WaitHint.of(Map.of(), ErrorBody.of(Payload.json(bytes)), "", "generic", NOW);
    }

    /** As Go prints it. */
    private static String go(Duration wait) {
        String seconds = seconds(wait.minusMinutes(wait.toMinutes()));
        if (wait.toHours() > 0) {
            return "%dh%dm%ss".formatted(wait.toHours(), wait.toMinutesPart(), seconds);
        }
        return wait.toMinutes() > 0 ? "%dm%ss".formatted(wait.toMinutes(), seconds) : seconds + "s";
    }

    private static String seconds(Duration wait) {
        return BigDecimal.valueOf(wait.toMillis(), 3).stripTrailingZeros().toPlainString();
    }

    @RepeatedTest(200)
    void readsAnyWaitInEveryStyle() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Duration wait = Duration.ofMillis(1 + random.nextLong(Duration.ofHours(24).toMillis()));
        Duration whole = wait.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        Instant end = NOW.plus(wait);
        String used = "x-ratelimit-remaining-tokens";

        List<@Nullable Duration> exact = new ArrayList<>();
        exact.add(ofHeader("retry-after", seconds(wait)));
        exact.add(ofHeader("retry-after", go(wait)));
        exact.add(ofHeader("retry-after-ms", Long.toString(wait.toMillis())));
        exact.add(ofHeader("x-ratelimit-reset", Long.toString(end.toEpochMilli())));
        exact.add(ofHeader("x-ratelimit-reset", end.toString()));
        exact.add(
                WaitHint.of(
                        Map.of(used, "0", "x-ratelimit-reset-tokens", go(wait)),
                        NOTHING,
                        "",
                        "generic",
                        NOW));
        exact.add(
                ofBody(
                        "{\"error\":{\"details\":[{\"retryDelay\":\"%ss\"}]}}"
                                .formatted(seconds(wait))));
        exact.add(ofText("Please try again in " + go(wait) + ". Visit us"));
        exact.add(ofText("Retry after " + wait.toMillis() + " milliseconds"));
        List<@Nullable Duration> rounded = new ArrayList<>();
        rounded.add(ofHeader("retry-after", http(NOW.plus(whole))));
        rounded.add(ofHeader("x-ratelimit-reset", Long.toString(NOW.plus(whole).getEpochSecond())));
        rounded.add(ofText("please wait %d seconds".formatted(whole.toSeconds())));

        assertThat(exact).as("seed %d", seed).allMatch(read -> close(read, wait));
        assertThat(rounded).as("seed %d", seed).allMatch(read -> close(read, whole));
    }

    private static String http(Instant then) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(then.atOffset(ZoneOffset.UTC));
    }

    /** A number passes through a double. */
    private static boolean close(@Nullable Duration read, Duration meant) {
        return read != null && read.minus(meant).abs().compareTo(Duration.ofMillis(1)) < 0;
    }

    @Test
    void neverThrowsOnJunkAndNeverWaitsForThePast() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String alphabet = "0123456789.-+:eE hmsdTZ,秒\u0000½٣~nNaIify";

        for (int i = 0; i < 20_000; i++) {
            StringBuilder junk = new StringBuilder();
            for (int c = random.nextInt(30); c > 0; c--) {
                junk.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            for (String name : List.of("retry-after", "retry-after-ms", "x-ratelimit-reset")) {
                assertSane(seed, junk, ofHeader(name, junk.toString()));
            }
            assertSane(seed, junk, ofText("try again in " + junk));
        }
    }

    private static void assertSane(long seed, CharSequence junk, @Nullable Duration wait) {
        if (wait != null) {
            assertThat(wait)
                    .as("seed %d, \"%s\"", seed, junk)
                    .isPositive()
                    .isLessThanOrEqualTo(WaitHint.LONGEST);
        }
    }
}
