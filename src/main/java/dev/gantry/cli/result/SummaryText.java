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
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The summary as a person reads it. */
public final class SummaryText {
    private static final int LABEL_WIDTH = 10;
    private static final int BAR_WIDTH = 24;

    /** What stands before a bar: an outcome, how many, and their share. */
    private static final int COUNTS_WIDTH = 30;

    /** Codes that mean the same as the outcomes expired, cancelled and invalid. */
    private static final Set<String> SAID_BY_OUTCOME =
            Set.of("batch_expired", "batch_cancelled", "invalid_request");

    private final Summary summary;
    private final Bars bars;
    private final int width;
    private final List<String> lines = new ArrayList<>();

    private SummaryText(Summary summary, Bars bars, int width) {
        this.summary = summary;
        this.bars = bars;
        this.width = width;
    }

    /**
     * Lines break between words so that they fit; what is to be copied (files, commands) stays
     * whole.
     *
     * @param width of the terminal, in characters
     */
    public static String of(Summary summary, Bars bars, int width) {
        return new SummaryText(summary, bars, width).write();
    }

    private String write() {
        lines.add("");
        lines.addAll(Wrapped.of(headline(), width));
        lines.add("");
        outcomes();
        attempts();
        section("Tokens", List.of(tokens()));
        section("Cost", cost());
        section("Time", times());
        results();
        ids();
        if (summary.resume() != null) {
            whole("Resume", List.of(summary.resume()));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private void results() {
        ResultFiles.Paths files = summary.files().results();
        List<String> rows = new ArrayList<>();
        if (summary.succeeded() > 0) {
            rows.add(files.out() + "  (status 200)");
        }
        if (summary.failed() > 0) {
            rows.add(files.errors() + "  (the others)");
        }
        if (summary.files().receipt() != null) {
            rows.add(summary.files().receipt() + "  (receipt)");
        }
        whole("Results", rows);
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
        Map<String, Long> failures = new TreeMap<>(summary.work().failures());
        failures.keySet().removeAll(SAID_BY_OUTCOME);
        if (!failures.isEmpty()) {
            rows.add("by code: " + counts(failures));
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
                (name, ends) -> {
                    String lane = Visible.line(name);
                    rows.add(lane + " ".repeat(widest - lane.length()) + "  " + counts(ends));
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

    private List<String> cost() {
        Summary.Cost cost = summary.cost();
        List<String> rows = new ArrayList<>();
        rows.add(dollars(cost.usd()) + " for the answers gathered");
        BatchMeter.Sums meter = cost.meter();
        if (meter == null) {
            if (cost.unknown() > 0) {
                rows.add(counted("no price or in doubt: %,d", cost.unknown()));
            }
            rows.add(
                    "calls of workers that died are not in it: the metering topic, which has them,"
                            + " could not be read to its end");
            return rows;
        }
        BigDecimal others = meter.usd().subtract(cost.usd());
        if (others.signum() > 0) {
            rows.add(dollars(others) + " for other calls, such as those of workers that died");
        }
        if (meter.noPrice() > 0) {
            rows.add(counted("no price: %,d", meter.noPrice()));
        }
        if (meter.inDoubt() > 0) {
            rows.add(inDoubt(meter));
        }
        return rows;
    }

    /** Those that nobody has told the end or the cost of. */
    private String inDoubt(BatchMeter.Sums meter) {
        String count =
                counted(
                        summary.resume() == null ? "in doubt: %,d" : "in doubt or under way: %,d",
                        meter.inDoubt());
        if (meter.unbounded() == meter.inDoubt()) {
            return count + ", at unknown cost";
        }
        String bound = count + ", at most " + dollars(meter.atMost());
        return meter.unbounded() == 0
                ? bound
                : bound + counted(" and %,d without a bound", meter.unbounded());
    }

    private static String counted(String text, long count) {
        return String.format(Locale.ROOT, text, count);
    }

    private static String dollars(BigDecimal usd) {
        return "$" + money(usd);
    }

    private List<String> times() {
        Summary.Times times = summary.times();
        return List.of(
                "took p50 %s, p95 %s: from a worker's taking it to its answer, waits included"
                        .formatted(spoken(times.tookP50()), spoken(times.tookP95())),
                "queued p50 %s, p95 %s: from its sending to its first call, partly in the above"
                        .formatted(spoken(times.queuedP50()), spoken(times.queuedP95())));
    }

    private void section(String label, List<String> rows) {
        whole(
                label,
                rows.stream()
                        .flatMap(
                                row ->
                                        Wrapped.of(Visible.line(row), width - LABEL_WIDTH - 2)
                                                .stream())
                        .toList());
    }

    /** Rows that stay as they are, however wide. */
    private void whole(String label, List<String> rows) {
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
        int room = Math.clamp(width - LABEL_WIDTH - 2L - COUNTS_WIDTH, 0, BAR_WIDTH);
        return room == 0 ? "" : bars.draw((int) Math.max(1, room * count / most), 0);
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
