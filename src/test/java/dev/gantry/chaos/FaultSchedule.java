package dev.gantry.chaos;

import static java.util.stream.Collectors.joining;

import dev.gantry.chaos.PlannedFault.Subject;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What breaks when, and for how long.
 *
 * @param name for people; a random one names its seed
 */
record FaultSchedule(String name, List<Strike> strikes) {
    private static final List<PlannedFault> OF_BROKER =
            List.of(
                    PlannedFault.BROKER_STOPPED,
                    PlannedFault.BROKER_KILLED,
                    PlannedFault.BROKER_FROZEN);
    private static final List<PlannedFault> OF_DATABASE =
            List.of(PlannedFault.DATABASE_STOPPED, PlannedFault.DATABASE_FROZEN);
    private static final List<PlannedFault> OF_WORKERS =
            List.of(
                    PlannedFault.WORKER_KILLED,
                    PlannedFault.WORKER_KILLED,
                    PlannedFault.WORKER_KILLED,
                    PlannedFault.WORKER_REPLACED,
                    PlannedFault.WORKER_REPLACED,
                    PlannedFault.EVERY_WORKER_KILLED,
                    PlannedFault.CLOCK_AHEAD,
                    PlannedFault.CLOCK_BEHIND);

    FaultSchedule {
        strikes = strikes.stream().sorted(Comparator.comparing(Strike::at)).toList();
        for (Subject subject : Subject.values()) {
            Duration whole = Duration.ZERO;
            for (Strike strike : strikes) {
                if (strike.plannedFault().subject() != subject) {
                    continue;
                }
                if (strike.at().compareTo(whole) < 0) {
                    throw new IllegalArgumentException(
                            "%s: %s strikes what is broken until %s"
                                    .formatted(name, strike, whole));
                }
                whole = strike.at().plus(strike.lasting());
            }
        }
    }

    /**
     * One fault.
     *
     * @param at since the traffic flows
     * @param lasting until it is undone; zero for workers, who are replaced at once
     */
    record Strike(Duration at, PlannedFault plannedFault, Duration lasting) {
        Strike {
            if (at.isNegative() || lasting.isNegative()) {
                throw new IllegalArgumentException("%s at %s".formatted(lasting, at));
            }
            if (plannedFault.subject() == Subject.WORKERS && !lasting.isZero()) {
                throw new IllegalArgumentException(plannedFault + " does not last");
            }
        }

        @Override
        public String toString() {
            return "%s %s%s".formatted(at, plannedFault, lasting.isZero() ? "" : " for " + lasting);
        }
    }

    /** A fault begins, or ends. */
    sealed interface Move {
        Duration at();

        /** It strikes. */
        record Break(Duration at, PlannedFault plannedFault) implements Move {}

        /** It is undone. */
        record Mend(Duration at, PlannedFault plannedFault) implements Move {}
    }

    static FaultSchedule of(String name, Strike... strikes) {
        return new FaultSchedule(name, List.of(strikes));
    }

    /** The same for the same seed. */
    static FaultSchedule random(long seed, Duration outage) {
        Random random = new Random(seed);
        List<Strike> strikes = new ArrayList<>();
        while (strikes.isEmpty()) {
            outage(random, OF_BROKER, outage).forEach(strikes::add);
            outage(random, OF_DATABASE, outage).forEach(strikes::add);
        }
        List<Duration> kills =
                random.ints(random.nextInt(4), 0, (int) outage.multipliedBy(2).toMillis())
                        .sorted()
                        .mapToObj(Duration::ofMillis)
                        .toList();
        for (Duration at : kills) {
            PlannedFault plannedFault = OF_WORKERS.get(random.nextInt(OF_WORKERS.size()));
            strikes.add(new Strike(at, plannedFault, Duration.ZERO));
        }
        if (random.nextInt(3) == 0) {
            Duration last = kills.isEmpty() ? Duration.ZERO : kills.getLast();
            Duration over = outage.multipliedBy(2);
            Duration at = over.compareTo(last) > 0 ? over : last;
            strikes.add(new Strike(at, PlannedFault.DRAIN_KILLED, Duration.ZERO));
        }
        return new FaultSchedule("seed " + seed, strikes);
    }

    /** Workers come and go, and at times one dies meanwhile; nothing else breaks. */
    static FaultSchedule rolling(long seed, Duration within) {
        Random random = new Random(seed);
        List<Strike> strikes = new ArrayList<>();
        int millis = (int) within.toMillis();
        for (int left = 1 + random.nextInt(2); left > 0; left--) {
            strikes.add(worker(random.nextInt(millis), PlannedFault.WORKER_REPLACED));
        }
        if (random.nextInt(3) == 0) {
            strikes.add(worker(random.nextInt(millis), PlannedFault.WORKER_KILLED));
        }
        return new FaultSchedule("rolling " + seed, strikes);
    }

    private static Strike worker(int millis, PlannedFault plannedFault) {
        return new Strike(Duration.ofMillis(millis), plannedFault, Duration.ZERO);
    }

    /** Whether broker and database stay whole. */
    boolean onlyWorkers() {
        return strikes.stream().allMatch(each -> each.plannedFault().subject() == Subject.WORKERS);
    }

    /** Whether workers are killed in the midst of what is left of an outage that ends then. */
    boolean killsTheDrain(Duration at) {
        return strikes.stream()
                .anyMatch(
                        each ->
                                each.plannedFault() == PlannedFault.DRAIN_KILLED
                                        && each.at().equals(at));
    }

    /** In two of three cases, up to a half later and up to a half longer than asked. */
    private static Stream<Strike> outage(
            Random random, List<PlannedFault> faults, Duration outage) {
        int half = (int) outage.toMillis() / 2;
        PlannedFault plannedFault = faults.get(random.nextInt(faults.size()));
        Duration at = Duration.ofMillis(random.nextInt(half));
        Duration lasting = outage.plusMillis(random.nextInt(half));
        return random.nextInt(3) == 0
                ? Stream.empty()
                : Stream.of(new Strike(at, plannedFault, lasting));
    }

    /** In the order of time. */
    List<Move> moves() {
        return strikes.stream()
                .flatMap(FaultSchedule::moves)
                .sorted(Comparator.comparing(Move::at))
                .toList();
    }

    private static Stream<Move> moves(Strike strike) {
        Move begin = new Move.Break(strike.at(), strike.plannedFault());
        return strike.lasting().isZero()
                ? Stream.of(begin)
                : Stream.of(
                        begin,
                        new Move.Mend(strike.at().plus(strike.lasting()), strike.plannedFault()));
    }

    @Override
    public String toString() {
        return name + strikes.stream().map(Strike::toString).collect(joining(", ", " [", "]"));
    }
}
