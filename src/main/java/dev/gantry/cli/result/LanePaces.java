package dev.gantry.cli.result;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How fast each lane has answered a batch of late, and which of them said that it was too fast. */
final class LanePaces {
    private static final Duration WINDOW = Duration.ofSeconds(30);

    /** A worker stays below a limit that it has met once, so that it meets it seldom. */
    private static final Duration LIMITED = Duration.ofMinutes(2);

    /**
     * What a lane's limit holds up moves at the lane's pace; without any end, something else does.
     */
    private static final Duration AT_WORK = Duration.ofSeconds(10);

    /** A request that waits for an operator or a probe says so once. */
    private static final Duration BENCHED = Duration.ofSeconds(30);

    private final Map<String, Pace> lanes = new HashMap<>();
    private @Nullable Instant benchedAt;
    private @Nullable Instant benchedUntil;

    private static final class Pace {
        private final Deque<Second> answered = new ArrayDeque<>();
        private final Instant first;
        private @Nullable Instant refused;
        private Instant last;

        Pace(Instant first) {
            this.first = first;
            this.last = first;
        }

        /** Of one second. */
        private static final class Second {
            private final Instant time;
            private long count;

            Second(Instant time) {
                this.time = time;
            }
        }

        void answered(Instant now) {
            Instant second = now.truncatedTo(ChronoUnit.SECONDS);
            if (answered.isEmpty() || !answered.getLast().time.equals(second)) {
                answered.addLast(new Second(second));
            }
            answered.getLast().count++;
        }

        double perSecond(Instant now) {
            Instant from = now.minus(WINDOW);
            while (!answered.isEmpty() && answered.getFirst().time.isBefore(from)) {
                answered.removeFirst();
            }
            long count = answered.stream().mapToLong(each -> each.count).sum();
            Duration span = Duration.between(first.isAfter(from) ? first : from, now);
            return count / Math.max(1, span.toMillis() / 1000.0);
        }
    }

    void ended(String lane, String outcome, Instant now) {
        Pace pace = lanes.computeIfAbsent(lane, _ -> new Pace(now));
        pace.last = now;
        if (outcome.equals("succeeded")) {
            pace.answered(now);
        } else if (outcome.equals("throttled")) {
            pace.refused = now;
        }
    }

    void benched(@Nullable Instant until, Instant now) {
        benchedAt = now;
        benchedUntil = until;
    }

    /** Which lanes' limits the batch has met of late; else that all lanes are benched. */
    @Nullable String limit(Instant now) {
        List<Map.Entry<String, Pace>> limited =
                lanes.entrySet().stream()
                        .filter(each -> within(LIMITED, each.getValue().refused, now))
                        .filter(each -> within(AT_WORK, each.getValue().last, now))
                        .sorted(Comparator.comparingDouble(each -> each.getValue().perSecond(now)))
                        .toList();
        if (!limited.isEmpty()) {
            String lane = limited.getLast().getKey().replaceFirst("^[^:]*:", "");
            double pace = limited.getLast().getValue().perSecond(now);
            long called =
                    lanes.values().stream().filter(each -> within(WINDOW, each.last, now)).count();
            return called == 1
                    ? String.format(Locale.ROOT, "for %s (rate limit, %.1f/s)", lane, pace)
                    : String.format(
                            Locale.ROOT,
                            "(rate limit of %s, %.1f/s%s)",
                            lane,
                            pace,
                            limited.size() == 1
                                    ? ""
                                    : "; and of %d more".formatted(limited.size() - 1));
        }
        if (benchedUntil != null && benchedUntil.isAfter(now)) {
            return "until %s: every lane is benched"
                    .formatted(benchedUntil.truncatedTo(ChronoUnit.SECONDS));
        }
        return benchedUntil == null && within(BENCHED, benchedAt, now)
                ? "until a probe succeeds: every lane is benched"
                : null;
    }

    private static boolean within(Duration time, @Nullable Instant event, Instant now) {
        return event != null && now.isBefore(event.plus(time));
    }
}
