package dev.gantry.benchmark.compare;

import dev.gantry.benchmark.SimulatorProcess;
import dev.gantry.benchmark.compare.Scenario.Trouble;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Leads the parties through a scenario, in turns: round by round, so that a bad minute hits all.
 */
final class ScenarioRun {
    private static final double SHARE_OF_PEAK = 0.7;
    private static final int FEWEST_PACED = 50;
    private static final int LISTED_CALLS = 400_000;

    private final Scenario scenario;
    private final int seconds;
    private final Map<Party, Course> courses = new LinkedHashMap<>();

    /** How a party does. */
    private static final class Course {
        final List<Figures.Burst> bursts = new ArrayList<>();
        final List<Figures.Pace> paces = new ArrayList<>();
        @Nullable String trouble;

        Figures.OfParty figures(Party party) {
            return new Figures.OfParty(party.label(), bursts, paces, trouble);
        }
    }

    /** A party's turn. */
    private interface Turn {
        void take(RunningParty party, Course course) throws Exception;
    }

    /**
     * @param seconds of a measurement of latency
     */
    ScenarioRun(Scenario scenario, List<Party> parties, int seconds) {
        this.scenario = scenario;
        this.seconds = seconds;
        parties.forEach(each -> courses.put(each, new Course()));
    }

    Figures.OfScenario run() throws Exception {
        try (Broker broker = Broker.startFor(scenario);
                SimulatorProcess provider =
                        SimulatorProcess.start(scenario.script(), LISTED_CALLS)) {
            if (scenario.oneByOne()) {
                for (Party each : courses.keySet()) {
                    together(List.of(each), broker, provider);
                }
            } else {
                together(List.copyOf(courses.keySet()), broker, provider);
            }
        }
        List<Figures.OfParty> figures = new ArrayList<>();
        courses.forEach((party, course) -> figures.add(course.figures(party)));
        return new Figures.OfScenario(scenario.name(), scenario.says(), figures);
    }

    private void together(List<Party> parties, Broker broker, SimulatorProcess provider)
            throws Exception {
        List<RunningParty> running = new ArrayList<>();
        try {
            for (Party each : parties) {
                running.add(new RunningParty(each, scenario, broker.bootstrapServers(), provider));
            }
            turns(running, (party, _) -> party.start());
            for (int round = 1; round <= scenario.load().rounds(); round++) {
                Trouble trouble =
                        round == scenario.load().rounds() ? scenario.trouble() : new Trouble.None();
                turns(running, (party, course) -> burst(party, course, trouble, broker));
            }
            for (int each = 0; each < scenario.load().paces(); each++) {
                turns(running, this::pace);
            }
        } finally {
            running.forEach(RunningParty::close);
        }
    }

    /** Whoever cannot go on is left out from then on. */
    private void turns(List<RunningParty> parties, Turn turn) throws Exception {
        for (RunningParty each : parties) {
            Course course = Objects.requireNonNull(courses.get(each.party()));
            if (course.trouble == null) {
                try {
                    turn.take(each, course);
                } catch (AssertionError | RuntimeException e) {
                    course.trouble = String.valueOf(e);
                }
            }
        }
    }

    private void burst(RunningParty party, Course course, Trouble trouble, Broker broker)
            throws Exception {
        Figures.Burst burst = party.burst(trouble, broker);
        course.bursts.add(burst);
        System.out.printf("%s: %s %s%n", scenario.name(), party.party().label(), burst);
        if (burst.unanswered() > 0) {
            course.trouble = burst.unanswered() + " requests without a result";
        }
    }

    private void pace(RunningParty party, Course course) throws Exception {
        double perSecond = course.figures(party.party()).perSecond() * SHARE_OF_PEAK;
        int count =
                scenario.load().paces() > 1
                        ? scenario.load().requests()
                        : Math.max(FEWEST_PACED, (int) (perSecond * seconds));
        Figures.Pace pace = party.pace(count, perSecond);
        course.paces.add(pace);
        System.out.printf("%s: %s %s%n", scenario.name(), party.party().label(), pace);
    }
}
