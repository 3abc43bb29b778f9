package dev.gantry.cli.result;

import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureRule;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How fast each lane has answered a batch of late, and which of them has turned calls away. */
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

    /** What a lane, or all that share its account or key, may be benched for. */
    private static final Set<String> BENCHING =
            Arrays.stream(ErrorKind.values())
                    .filter(each -> each.rule().cools() != FailureRule.Cools.NOTHING)
                    .map(ErrorKind::label)
                    .collect(Collectors.toUnmodifiableSet());

    private final Map<String, Pace> lanes = new HashMap<>();
    private @Nullable Instant answeredAt;
    private @Nullable Failure failure;
    private @Nullable Instant benchedAt;
    private @Nullable Instant benchedUntil;

    /** Of those that have waited since the last answer; null: none has said its own. */
    private @Nullable Instant deadline;

    private record Failure(String lane, String kind, Instant at) {}

    private static final class Pace {
        private final Deque<Second> answered = new ArrayDeque<>();
        private final Instant first;
        private @Nullable Instant refused;
        private String refusal = "";
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

    /**
     * A call has ended.
     *
     * @param kind of the error, empty where there is none
     */
    void ended(String lane, String outcome, String kind, Instant now) {
        Pace pace = lanes.computeIfAbsent(lane, _ -> new Pace(now));
        pace.last = now;
        if (outcome.equals("succeeded")) {
            pace.answered(now);
            answeredAt = now;
            deadline = null;
        }
        if (BENCHING.contains(kind)) {
            failure = new Failure(lane, kind, now);
        }
        if (outcome.equals("throttled")) {
            pace.refused = now;
            pace.refusal = kind;
        }
    }

    /**
     * All lanes of a request are benched.
     *
     * @param until when the first may reopen; null: nobody can say
     * @param ends when the request waits no longer; null: not known
     */
    void benched(@Nullable Instant until, @Nullable Instant ends, Instant now) {
        benchedAt = now;
        benchedUntil = until;
        boolean sooner = deadline == null || !deadline.isAfter(now);
        if (ends != null && (sooner || ends.isBefore(deadline))) {
            deadline = ends;
        }
    }

    /**
     * That all lanes of a request are benched; rather, if any has answered since, which of them
     * have turned the batch away of late.
     */
    @Nullable String reason(Instant now) {
        String benched = bench(now);
        boolean silent = answeredAt == null || benchedAt == null || answeredAt.isBefore(benchedAt);
        String limit = benched != null && silent ? null : limit(now);
        return limit == null ? benched : limit;
    }

    private @Nullable String limit(Instant now) {
        List<Map.Entry<String, Pace>> full =
                lanes.entrySet().stream()
                        .filter(each -> within(LIMITED, each.getValue().refused, now))
                        .filter(each -> within(AT_WORK, each.getValue().last, now))
                        .sorted(Comparator.comparingDouble(each -> each.getValue().perSecond(now)))
                        .toList();
        if (full.isEmpty()) {
            return null;
        }
        Pace pace = full.getLast().getValue();
        return "%s (%s, %s)%s%s"
                .formatted(
                        shown(full.getLast().getKey()),
                        pace.refusal,
                        spoken(pace.perSecond(now)),
                        full.size() == 1 ? "" : " and %d more".formatted(full.size() - 1),
                        ends(now));
    }

    private @Nullable String bench(Instant now) {
        if (benchedAt == null) {
            return null;
        }
        String cause =
                failure != null && within(LIMITED, failure.at, benchedAt)
                        ? " (%s: %s)".formatted(shown(failure.lane), failure.kind)
                        : "";
        if (benchedUntil == null) {
            return within(BENCHED, benchedAt, now)
                    ? "every lane is benched until a probe succeeds" + cause + ends(now)
                    : null;
        }
        return benchedUntil.isAfter(now)
                ? "every lane is benched until %s%s%s"
                        .formatted(benchedUntil.truncatedTo(ChronoUnit.SECONDS), cause, ends(now))
                : null;
    }

    private String ends(Instant now) {
        return deadline == null || !deadline.isAfter(now)
                ? ""
                : "; the first deadline is " + deadline.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Without its tier. */
    private static String shown(String lane) {
        return lane.replaceFirst("^[^:]*:", "");
    }

    private static String spoken(double perSecond) {
        if (perSecond <= 0) {
            return "no answer of late";
        }
        return perSecond < 0.1
                ? String.format(Locale.ROOT, "an answer in %.0f s", 1 / perSecond)
                : String.format(Locale.ROOT, "%.1f/s", perSecond);
    }

    private static boolean within(Duration time, @Nullable Instant event, Instant now) {
        return event != null && now.isBefore(event.plus(time));
    }
}
