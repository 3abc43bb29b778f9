package dev.gantry.benchmark.compare;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Gantry and its baselines, in the scenarios that {@code -Dbench.scenarios} names. */
class ComparisonBenchmark {
    /** Checks nothing. */
    @Test
    void compare() throws Exception {
        List<Scenario> scenarios =
                Scenarios.chosen(
                        System.getProperty("bench.scenarios", ""),
                        Integer.getInteger("bench.requests", 0),
                        Integer.getInteger("bench.rounds", 0));
        List<Party> parties = Party.chosen(System.getProperty("bench.parties", ""));
        int seconds = Integer.getInteger("bench.seconds", 10);
        Report report = Report.into(Path.of("target", "bench"));
        List<Figures.OfScenario> figures = new ArrayList<>();
        for (Scenario each : scenarios) {
            figures.add(new ScenarioRun(each, parties, seconds).run());
            report.write(figures);
        }
        System.out.println(report.table(figures));
    }
}
