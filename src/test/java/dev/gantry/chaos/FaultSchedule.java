package dev.gantry.chaos;

import static java.util.stream.Collectors.joining;

import dev.gantry.chaos.Fault.Subject;

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
    private static final List<Fault> OF_BROKER =
            List.of(Fault.BROKER_STOPPED, Fault.BROKER_KILLED, Fault.BROKER_FROZEN);
    private static final List<Fault> OF_DATABASE =
            List.of(Fault.DATABASE_STOPPED, Fault.DATABASE_FROZEN);
    private static final List<Fault> OF_WORKERS =
            List.of(
                    Fault.WORKER_KILLED,
                    Fault.WORKER_KILLED,
                    Fault.WORKER_KILLED,
                    Fault.EVERY_WORKER_KILLED,
                    Fault.CLOCK_AHEAD,
                    Fault.CLOCK_BEHIND);

    FaultSchedule {
        strikes = strikes.stream().sorted(Comparator.comparing(Strike::at)).toList();
        for (Subject subject : Subject.values()) {
            Duration whole = Duration.ZERO;
            for (Strike strike : strikes) {
                if (strike.fault().subject() != subject) {
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
    record Strike(Duration at, Fault fault, Duration lasting) {
        Strike {
            if (at.isNegative() || lasting.isNegative()) {
                throw new IllegalArgumentException("%s at %s".formatted(lasting, at));
            }
            if (fault.subject() == Subject.WORKERS && !lasting.isZero()) {
                throw new IllegalArgumentException(fault + " does not last");
            }
        }

        @Override
        public String toString() {
            return "%s %s%s".formatted(at, fault, lasting.isZero() ? "" : " for " + lasting);
        }
    }

    /** A fault begins, or ends. */
    sealed interface Move {
        Duration at();

        /** It strikes. */
        record Break(Duration at, Fault fault) implements Move {}

        /** It is undone. */
        record Mend(Duration at, Fault fault) implements Move {}
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
            Fault fault = OF_WORKERS.get(random.nextInt(OF_WORKERS.size()));
            strikes.add(new Strike(at, fault, Duration.ZERO));
        }
        if (random.nextInt(3) == 0) {
            Duration last = kills.isEmpty() ? Duration.ZERO : kills.getLast();
            Duration over = outage.multipliedBy(2);
            Duration at = over.compareTo(last) > 0 ? over : last;
            strikes.add(new Strike(at, Fault.DRAIN_KILLED, Duration.ZERO));
        }
        return new FaultSchedule("seed " + seed, strikes);
    }

    /** In two of three cases, up to a half later and up to a half longer than asked. */
    private static Stream<Strike> outage(Random random, List<Fault> faults, Duration outage) {
        int half = (int) outage.toMillis() / 2;
        Fault fault = faults.get(random.nextInt(faults.size()));
        Duration at = Duration.ofMillis(random.nextInt(half));
        Duration lasting = outage.plusMillis(random.nextInt(half));
        return random.nextInt(3) == 0 ? Stream.empty() : Stream.of(new Strike(at, fault, lasting));
    }

    /** In the order of time. */
    List<Move> moves() {
        return strikes.stream()
                .flatMap(FaultSchedule::moves)
                .sorted(Comparator.comparing(Move::at))
                .toList();
    }

    private static Stream<Move> moves(Strike strike) {
        Move begin = new Move.Break(strike.at(), strike.fault());
        return strike.lasting().isZero()
                ? Stream.of(begin)
                : Stream.of(
                        begin, new Move.Mend(strike.at().plus(strike.lasting()), strike.fault()));
    }

    @Override
    public String toString() {
        return name + strikes.stream().map(Strike::toString).collect(joining(", ", " [", "]"));
    }
}
