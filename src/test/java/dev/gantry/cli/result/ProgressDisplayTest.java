package dev.gantry.cli.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.Bars;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.batch.BrokerSight;
import dev.gantry.cli.result.ProgressDisplay.Standing;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

class ProgressDisplayTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private Instant now = Instant.parse("2026-11-21T15:42:01Z");

    @Test
    void printsALineEveryTenSecondsWhereNobodyWatches() {
        var progressDisplay = new ProgressDisplay(Terminal.plain(stream, stream), () -> now);

        for (int second = 0; second <= 25; second++) {
            progressDisplay.show(
                    new Standing(500, 500, second * 10L, second),
                    ProgressDisplayTest::reason,
                    null);
            tick(Duration.ofSeconds(1));
        }

        assertThat(shown().lines())
                .containsExactly(
                        "110/500 22%, ok 100, failed 10",
                        "220/500 44%, ok 200, failed 20, 11/s, ETA 0:25");
    }

    @Test
    void saysWhyNothingMoves() {
        var progressDisplay = new ProgressDisplay(Terminal.plain(stream, stream), () -> now);

        progressDisplay.show(new Standing(500, 400, 100, 0), ProgressDisplayTest::reason, null);
        tick(Duration.ofSeconds(12));
        progressDisplay.show(new Standing(500, 400, 100, 0), ProgressDisplayTest::reason, null);

        assertThat(shown().strip())
                .isEqualTo("100/500 20%, sent 400, ok 100, failed 0, nothing for 12 s");
    }

    @Test
    void redrawsOneLineNarrowerThanTheTerminal() {
        var progressDisplay =
                new ProgressDisplay(Terminal.interactive(stream, stream, 60), () -> now);

        for (int second = 0; second <= 25; second++) {
            progressDisplay.show(
                    new Standing(500, 500, second * 20L, 0), ProgressDisplayTest::reason, null);
            tick(Duration.ofSeconds(1));
        }

        assertThat(shown())
                .doesNotContain("\n")
                .endsWith("500/500 100%  ok 500  failed 0  20/s  ETA 0:00");
        assertThat(shown().split("\r", -1))
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(60))
                .anySatisfy(line -> assertThat(line).startsWith("█"));
    }

    @Test
    void cutsAReasonThatIsTooLong() {
        var line = new ProgressLine(new Standing(10, 10, 1, 0), null, "because ".repeat(20), null);

        assertThat(line.bar(79, Bars.BLOCKS)).hasSize(79).endsWith("…");
    }

    @Test
    void saysWhatRequestsWaitForWhileOthersMove() {
        var line = new ProgressLine(new Standing(110, 110, 7, 0), 2.2, null, "103 wait for l");

        assertThat(line.plain())
                .isEqualTo("7/110 6%, ok 7, failed 0, 2.2/s, ETA 0:47, 103 wait for l");
    }

    @Test
    void namesWhatIsMissing() {
        assertThat(new BrokerSight.MissingTopic("gantry.requests").reason(7))
                .isEqualTo("topic gantry.requests does not exist: start a worker or create it");
        assertThat(new BrokerSight.Ready(0, null).reason(7))
                .isEqualTo("waiting for a worker: none is running");
        var three = new BrokerSight.Ready(3, Duration.ofSeconds(20));
        assertThat(three.reason(7))
                .isEqualTo(
                        "no result for 7 s; 3 workers in the group; a dead one is noticed within 20 s");
        assertThat(three.reason(20))
                .isEqualTo(
                        "no result for 20 s; 3 workers in the group; /actuator/intake of each says what waits for which lane");
        assertThat(new BrokerSight.Ready(null, null).reason(12))
                .isEqualTo("waiting for a worker: no result for 12 s");
    }

    private void tick(Duration time) {
        now = now.plus(time);
    }

    private String shown() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static String reason(long seconds) {
        return "nothing for " + seconds + " s";
    }
}
