package dev.gantry.benchmark.compare;

import dev.gantry.benchmark.compare.Figures.Burst;
import dev.gantry.benchmark.compare.Figures.OfParty;
import dev.gantry.benchmark.compare.Figures.OfScenario;
import dev.gantry.benchmark.compare.Figures.Pace;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The figures as a table, as JSON and as a chart.
 *
 * @param machine what they were measured on, and when
 */
record Report(Path folder, String machine) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    /** What the JSON holds. */
    record All(String machine, List<OfScenario> scenarios) {}

    static Report into(Path folder) throws IOException {
        String machine =
                "%s, %d × %s, %s %s, JDK %s"
                        .formatted(
                                LocalDate.now(ZoneId.systemDefault()),
                                Runtime.getRuntime().availableProcessors(),
                                processor(),
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                Runtime.version());
        return new Report(Files.createDirectories(folder), machine);
    }

    private static String processor() throws IOException {
        if (!Files.exists(PROCESSORS)) {
            return "cores";
        }
        return Files.readAllLines(PROCESSORS).stream()
                .filter(each -> each.startsWith("model name"))
                .map(each -> each.substring(each.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("cores");
    }

    /** Writes all files anew. */
    void write(List<OfScenario> figures) throws IOException {
        Files.writeString(
                folder.resolve("figures.json"),
                JSON.writerWithDefaultPrettyPrinter()
                        .writeValueAsString(new All(machine, figures)));
        Files.writeString(folder.resolve("table.txt"), table(figures));
        Files.writeString(folder.resolve("chart.svg"), new Chart(machine, figures).svg());
    }

    String table(List<OfScenario> figures) {
        StringBuilder table = new StringBuilder(machine).append('\n');
        for (OfScenario each : figures) {
            table.append(
                    "%n%s: %s%n%-20s%10s%8s%10s%9s%9s%8s%7s%9s%8s%8s%10s%9s%n"
                            .formatted(
                                    each.scenario(),
                                    each.says(),
                                    "party",
                                    "results/s",
                                    "÷ bare",
                                    "cold/s",
                                    "p50 ms",
                                    "p99 ms",
                                    "CPU us",
                                    "MiB",
                                    "calls",
                                    "of",
                                    "no end",
                                    "repeated",
                                    "gap ms"));
            OfParty bare = bareLoop(each);
            each.parties().forEach(party -> table.append(row(party, bare)));
        }
        return table.toString();
    }

    private static OfParty bareLoop(OfScenario scenario) {
        return scenario.parties().stream()
                .filter(each -> each.party().equals(Party.BARE_LOOP.label()))
                .findFirst()
                .orElse(scenario.parties().getFirst());
    }

    private static String row(OfParty party, OfParty bare) {
        if (party.bursts().isEmpty()) {
            return "%-20s%s%n".formatted(party.party(), party.trouble());
        }
        Burst last = party.bursts().getLast();
        return String.format(
                Locale.ROOT,
                "%-20s%10.0f%8.2f%10.0f%9s%9s%8.0f%7d%9d%8d%8d%10d%9d%s%n",
                party.party(),
                party.perSecond(),
                ratio(party, bare),
                party.bursts().getFirst().perSecond(),
                latency(party.paces(), Pace::p50Millis),
                latency(party.paces(), Pace::p99Millis),
                party.cpuMicros(),
                party.heapMebibytes(),
                last.calls(),
                last.requests(),
                last.unanswered(),
                last.repeated(),
                last.longestGapMillis(),
                party.trouble() == null ? "" : "  " + party.trouble());
    }

    /** The median of the warm rounds' ratios. */
    private static double ratio(OfParty party, OfParty bare) {
        if (party.bursts().size() != bare.bursts().size() || party.bursts().size() < 2) {
            return party.perSecond() / bare.perSecond();
        }
        double[] ratios = new double[party.bursts().size() - 1];
        for (int each = 0; each < ratios.length; each++) {
            ratios[each] =
                    party.bursts().get(each + 1).perSecond()
                            / bare.bursts().get(each + 1).perSecond();
        }
        return Figures.median(ratios);
    }

    /** The last measurement's; of a soak, the first one's too. */
    private static String latency(List<Pace> paces, ToDoubleFunction<Pace> quantile) {
        if (paces.isEmpty()) {
            return "";
        }
        String last = "%.1f".formatted(quantile.applyAsDouble(paces.getLast()));
        return paces.size() == 1
                ? last
                : "%.1f→%s".formatted(quantile.applyAsDouble(paces.getFirst()), last);
    }
}
