package dev.gantry.benchmark.compare;

import java.time.Duration;
import java.util.List;

/**
 * What all parties go through alike.
 *
 * @param name in {@code -Dbench.scenarios}
 * @param says what happens, for the report
 * @param load what is asked
 * @param size who answers it, and how many at once
 * @param script of the simulated provider
 * @param upstreams in the order of trying
 * @param trouble in the last round
 */
record Scenario(
        String name,
        String says,
        Load load,
        Size size,
        String script,
        List<Upstream> upstreams,
        Trouble trouble) {
    static final String MODEL = "model";
    private static final Upstream ONE = new Upstream("sim", "sk-sim", List.of(MODEL));

    /**
     * What is asked.
     *
     * @param requests of a round
     * @param rounds the first is the cold one
     * @param bytes of a request's text
     * @param models asked for in turn; results of the first are counted
     * @param paces how often latency is measured, at 70 % of the peak
     */
    record Load(int requests, int rounds, int bytes, List<String> models, int paces) {}

    /**
     * Who answers.
     *
     * @param workers processes of a party
     * @param inFlight calls at once, of each
     * @param waits whether the provider takes its time, so that calls at once bound the throughput
     */
    record Size(int workers, int inFlight, boolean waits) {}

    /** A provider that has models; parties know it by its key. */
    record Upstream(String name, String key, List<String> models) {}

    /** What befalls a party in the middle of its last round. */
    sealed interface Trouble {
        record None() implements Trouble {}

        /** The broker is killed, and started again after a while. */
        record BrokerAway(Duration time) implements Trouble {}

        /** The worker is killed, and another one started at once. */
        record WorkerKilled() implements Trouble {}
    }

    static Scenario of(String name, String says) {
        return new Scenario(
                name,
                says,
                new Load(30_000, 4, 600, List.of(MODEL), 1),
                new Size(1, 256, false),
                "{}",
                List.of(ONE),
                new Trouble.None());
    }

    /**
     * The provider takes its time.
     *
     * @param latency as a script has it
     */
    Scenario taking(String latency, int inFlight) {
        return new Scenario(
                name,
                says,
                load,
                new Size(size.workers, inFlight, true),
                "{\"default\": {\"latency\": %s}}".formatted(latency),
                upstreams,
                trouble);
    }

    Scenario load(int requests, int rounds, int bytes) {
        Load other = new Load(requests, rounds, bytes, load.models, load.paces);
        return new Scenario(name, says, other, size, script, upstreams, trouble);
    }

    /** More than one: of as many requests as a round has. */
    Scenario paced(int paces) {
        Load other = new Load(load.requests, load.rounds, load.bytes, load.models, paces);
        return new Scenario(name, says, other, size, script, upstreams, trouble);
    }

    Scenario workers(int workers) {
        Size other = new Size(workers, size.inFlight, size.waits);
        return new Scenario(name, says, load, other, script, upstreams, trouble);
    }

    Scenario provider(String script, Upstream... upstreams) {
        return new Scenario(name, says, load, size, script, List.of(upstreams), trouble);
    }

    /** Requests for these models in turn. */
    Scenario asking(String... models) {
        Load other = new Load(load.requests, load.rounds, load.bytes, List.of(models), load.paces);
        return new Scenario(name, says, other, size, script, upstreams, trouble);
    }

    Scenario with(Trouble trouble) {
        return new Scenario(name, says, load, size, script, upstreams, trouble);
    }

    /** Another number of requests or rounds; 0: as it is. */
    Scenario scaled(int requests, int rounds) {
        return load(
                requests > 0 ? requests : load.requests,
                rounds > 0 ? rounds : load.rounds,
                load.bytes);
    }

    /** What a request for the n-th model in turn is. */
    String model(int number) {
        return load.models.get(number % load.models.size());
    }

    /** How many of so many requests are counted, from the number on. */
    int counted(int from, int count) {
        int counted = 0;
        for (int each = from; each < from + count; each++) {
            counted += counts(each) ? 1 : 0;
        }
        return counted;
    }

    /**
     * Whether a party must have the machine for itself until its end: it may leave calls behind.
     */
    boolean oneByOne() {
        return !calm() || load.models.size() > 1;
    }

    /** Nothing befalls a party. */
    boolean calm() {
        return trouble instanceof Trouble.None;
    }

    boolean counts(int number) {
        return number % load.models.size() == 0;
    }
}
