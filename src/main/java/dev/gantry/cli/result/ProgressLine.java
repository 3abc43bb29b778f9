package dev.gantry.cli.result;

import dev.gantry.cli.Bars;
import dev.gantry.cli.result.ProgressDisplay.Standing;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One line of progress.
 *
 * @param rate results per second, null where unknown
 * @param reason why nothing moves, null while something does
 * @param waits what requests wait for, null where that is not known
 */
record ProgressLine(
        Standing standing, @Nullable Double rate, @Nullable String reason, @Nullable String waits) {
    private static final int WIDEST_BAR = 30;
    private static final int NARROWEST_BAR = 6;

    /** For a terminal; never wider than the width. */
    String bar(int width, Bars bars) {
        String text = String.join("  ", facts());
        int room = Math.min(WIDEST_BAR, width - text.length() - 2);
        String line = room < NARROWEST_BAR ? text : picture(room, bars) + "  " + text;
        return line.length() <= width ? line : line.substring(0, width - 1) + "…";
    }

    /** For a file. */
    String plain() {
        return String.join(", ", facts());
    }

    private List<String> facts() {
        List<String> facts = new ArrayList<>();
        if (standing.total() > 0) {
            facts.add(
                    String.format(
                            Locale.ROOT,
                            "%,d/%,d %d%%",
                            standing.done(),
                            standing.total(),
                            100 * standing.done() / standing.total()));
            if (standing.sent() < standing.total()) {
                facts.add(String.format(Locale.ROOT, "sent %,d", standing.sent()));
            }
            facts.add(String.format(Locale.ROOT, "ok %,d", standing.succeeded()));
            facts.add(String.format(Locale.ROOT, "failed %,d", standing.failed()));
        }
        if (reason != null) {
            facts.add(reason);
        } else if (rate != null) {
            facts.add(String.format(Locale.ROOT, rate < 10 ? "%.1f/s" : "%.0f/s", rate));
            if (rate > 0) {
                facts.add("ETA " + clock(left(rate)));
            }
        }
        if (waits != null) {
            facts.add(waits);
        }
        return facts;
    }

    private Duration left(double perSecond) {
        long open = Math.max(0, standing.total() - standing.done());
        return Duration.ofSeconds(Math.round(open / perSecond));
    }

    /** m:ss, or h:mm:ss. */
    private static String clock(Duration time) {
        return time.toHours() > 0
                ? String.format(
                        Locale.ROOT,
                        "%d:%02d:%02d",
                        time.toHours(),
                        time.toMinutesPart(),
                        time.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }

    private String picture(int room, Bars bars) {
        long total = Math.max(1, standing.total());
        int full = (int) (room * Math.min(standing.done(), total) / total);
        return bars.draw(full, room - full);
    }
}
