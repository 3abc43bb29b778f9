package dev.gantry.cli.result;

import dev.gantry.cli.Bars;
import dev.gantry.cli.Dollars;
import dev.gantry.cli.Visible;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The summary as a person reads it. */
public final class SummaryText {
    private static final int LABEL_WIDTH = 10;
    private static final int BAR_WIDTH = 24;
    private static final String SUCCEEDED = "succeeded";

    private final Summary summary;
    private final Bars bars;
    private final List<String> lines = new ArrayList<>();

    private SummaryText(Summary summary, Bars bars) {
        this.summary = summary;
        this.bars = bars;
    }

    public static String of(Summary summary, Bars bars) {
        return new SummaryText(summary, bars).write();
    }

    private String write() {
        lines.add("");
        lines.add(headline());
        lines.add("");
        outcomes();
        attempts();
        section("Tokens", List.of(tokens()));
        section("Cost", List.of(cost()));
        section("Time", List.of(times()));
        results();
        ids();
        if (summary.resume() != null) {
            section("Resume", List.of(summary.resume()));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private void results() {
        ResultFiles.Paths files = summary.files().results();
        List<String> rows = new ArrayList<>();
        if (summary.succeeded() > 0) {
            rows.add(String.format(Locale.ROOT, "%s  (%,d)", files.out(), summary.succeeded()));
        }
        if (summary.failed() > 0) {
            rows.add(String.format(Locale.ROOT, "%s  (%,d)", files.errors(), summary.failed()));
        }
        if (summary.files().receipt() != null) {
            rows.add(summary.files().receipt() + "  (receipt)");
        }
        section("Results", rows);
    }

    /** Only what is out of the ordinary. */
    private void ids() {
        Summary.Ids ids = summary.ids();
        List<String> rows = new ArrayList<>();
        if (ids.doubles() > 0) {
            rows.add(
                    String.format(
                            Locale.ROOT,
                            "%,d requests with the id of an earlier one; its answer counts",
                            ids.doubles()));
        }
        if (ids.others() > 0) {
            rows.add(
                    String.format(
                            Locale.ROOT,
                            "%,d records of others under this batch id; left out",
                            ids.others()));
        }
        if (ids.missing() > 0) {
            rows.add(
                    String.format(Locale.ROOT, "%,d requests are not on the topic", ids.missing()));
        }
        section("Ids", rows);
    }

    private String headline() {
        String state =
                summary.answered() < summary.requests()
                        ? String.format(
                                Locale.ROOT,
                                "%,d of %,d requests",
                                summary.answered(),
                                summary.requests())
                        : String.format(Locale.ROOT, "%,d requests", summary.requests());
        return String.format(
                Locale.ROOT,
                "Batch %s: %s in %s, %s/s",
                summary.batch(),
                state,
                spoken(summary.times().elapsed()),
                decimal(summary.rate(), 1));
    }

    private void outcomes() {
        long most = Math.max(1, summary.answered());
        List<String> rows = new ArrayList<>();
        largestFirst(summary.work().outcomes())
                .forEach(
                        each ->
                                rows.add(
                                        String.format(
                                                        Locale.ROOT,
                                                        "%-10s %,8d  %5s %%  %s",
                                                        Visible.line(each.getKey()),
                                                        each.getValue(),
                                                        decimal(100.0 * each.getValue() / most, 1),
                                                        bar(each.getValue(), most))
                                                .stripTrailing()));
        if (!summary.work().failures().isEmpty()) {
            rows.add("failed with " + counts(summary.work().failures()));
        }
        section("Outcomes", rows);
    }

    private void attempts() {
        Map<String, Map<String, Long>> attempts = summary.work().attempts();
        int widest =
                attempts.keySet().stream()
                        .map(Visible::line)
                        .mapToInt(String::length)
                        .max()
                        .orElse(0);
        List<String> rows = new ArrayList<>();
        attempts.forEach(
                (name, verdicts) -> {
                    String lane = Visible.line(name);
                    long tried = verdicts.values().stream().mapToLong(Long::longValue).sum();
                    long succeeded = verdicts.getOrDefault(SUCCEEDED, 0L);
                    rows.add(
                            String.format(
                                    Locale.ROOT,
                                    "%s%s  %,6d, %,d succeeded",
                                    lane,
                                    " ".repeat(widest - lane.length()),
                                    tried,
                                    succeeded));
                    if (succeeded < tried) {
                        Map<String, Long> others = new TreeMap<>(verdicts);
                        others.remove(SUCCEEDED);
                        rows.add("  " + counts(others));
                    }
                });
        section("Attempts", rows);
    }

    private String tokens() {
        ResultLine.Tokens tokens = summary.work().tokens();
        String in = String.format(Locale.ROOT, "%,d in", tokens.prompt());
        String out = String.format(Locale.ROOT, "%,d out", tokens.completion());
        return in
                + (tokens.cached() > 0
                        ? String.format(Locale.ROOT, " (%,d cached)", tokens.cached())
                        : "")
                + ", "
                + out
                + (tokens.reasoning() > 0
                        ? String.format(Locale.ROOT, " (%,d reasoning)", tokens.reasoning())
                        : "");
    }

    private String cost() {
        String known = "$" + money(summary.cost().usd());
        long unknown = summary.cost().unknown();
        return unknown == 0
                ? known
                : String.format(
                        Locale.ROOT,
                        "%s + %,d %s of unknown cost",
                        known,
                        unknown,
                        unknown == 1 ? "attempt" : "attempts");
    }

    private String times() {
        Summary.Times times = summary.times();
        return String.format(
                Locale.ROOT,
                "p50 %s, p95 %s per request; queued p50 %s, p95 %s",
                spoken(times.tookP50()),
                spoken(times.tookP95()),
                spoken(times.queuedP50()),
                spoken(times.queuedP95()));
    }

    private void section(String label, List<String> rows) {
        for (int i = 0; i < rows.size(); i++) {
            String head = i == 0 ? label : "";
            lines.add(
                    "  "
                            + head
                            + " ".repeat(LABEL_WIDTH - head.length())
                            + Visible.line(rows.get(i)));
        }
    }

    private String bar(long count, long most) {
        return bars.draw((int) Math.max(1, BAR_WIDTH * count / most), 0);
    }

    private static String counts(Map<String, Long> counts) {
        return largestFirst(counts).stream()
                .map(
                        each ->
                                String.format(
                                        Locale.ROOT,
                                        "%s %,d",
                                        Visible.line(each.getKey()),
                                        each.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static List<Map.Entry<String, Long>> largestFirst(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .toList();
    }

    /** All digits down to a hundredth of a cent: a batch of cheap requests is not free. */
    private static String money(BigDecimal usd) {
        BigDecimal shown = Dollars.brief(usd, 4);
        return shown.setScale(Math.max(shown.scale(), 2)).toPlainString();
    }

    private static String spoken(@Nullable Duration time) {
        if (time == null) {
            return "unknown";
        }
        if (time.toMillis() < 1_000) {
            return time.toMillis() + " ms";
        }
        if (time.toSeconds() < 120) {
            return decimal(time.toMillis() / 1000.0, 1) + " s";
        }
        return time.toHours() == 0
                ? String.format(Locale.ROOT, "%d min %d s", time.toMinutes(), time.toSecondsPart())
                : String.format(Locale.ROOT, "%d h %d min", time.toHours(), time.toMinutesPart());
    }

    private static String decimal(double value, int digits) {
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }
}
