package dev.gantry.admission;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Workers of one fleet before a provider's token bucket, event by event: each has a line of
 * requests, a pace, and hears of a refusal's bench at once. Time is virtual.
 */
final class BucketSimulation {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;

    private final double perSecond;
    private final double burst;
    private final long retryAfter;
    private final long latency;
    private final Random random;
    private final List<Worker> workers = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();

    private double tokens;
    private long refilled;
    private long benchedUntil;
    private long benchNumber;
    private long numbers;

    int calls;
    int refusals;
    int answered;
    long now;

    private record Event(long at, long number, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private static final class Worker {
        final AdaptiveLimit limit = new AdaptiveLimit(0, new Random(7));
        long epoch;
        int waiting;
        int underWay;
        boolean timed;
    }

    BucketSimulation(double perSecond, double burst, long retryAfterMs, long latencyMs, long seed) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.tokens = burst;
        this.retryAfter = retryAfterMs * MILLI;
        this.latency = latencyMs * MILLI;
        this.random = new Random(seed);
    }

    void fleet(int count, int requestsEach) {
        for (int each = 0; each < count; each++) {
            Worker worker = new Worker();
            worker.waiting = requestsEach;
            workers.add(worker);
            at(0, () -> pump(worker));
        }
    }

    double seconds() {
        return now / (double) SECOND;
    }

    void run() {
        while (!events.isEmpty() && now < 3600 * SECOND) {
            Event event = events.poll();
            now = event.at();
            event.what().run();
        }
    }

    private void at(long time, Runnable what) {
        events.add(new Event(time, numbers++, what));
    }

    private void pump(Worker worker) {
        if (now < benchedUntil) {
            return; // the end of the bench pumps
        }
        if (worker.epoch != benchNumber) {
            worker.epoch = benchNumber;
            worker.limit.restart(now);
        }
        while (worker.waiting > 0 && worker.limit.admits(worker.underWay, now)) {
            worker.limit.sent(now);
            worker.waiting--;
            worker.underWay++;
            call(worker);
        }
        if (worker.waiting > 0 && worker.limit.admitsFrom() > now && !worker.timed) {
            worker.timed = true;
            at(
                    worker.limit.admitsFrom() + random.nextLong(2 * MILLI),
                    () -> {
                        worker.timed = false;
                        pump(worker);
                    });
        }
    }

    private void call(Worker worker) {
        calls++;
        long sent = now;
        tokens = Math.min(burst, tokens + (now - refilled) / (double) SECOND * perSecond);
        refilled = now;
        long took = (long) (latency * (0.7 + 0.6 * random.nextDouble()));
        if (tokens >= 1) {
            tokens--;
            at(now + took, () -> succeeded(worker, sent));
        } else {
            at(now + took / 5, () -> refused(worker, sent));
        }
    }

    private void succeeded(Worker worker, long sent) {
        answered++;
        worker.underWay--;
        worker.limit.answered(sent, now);
        pump(worker);
    }

    private void refused(Worker worker, long sent) {
        refusals++;
        worker.underWay--;
        worker.waiting++;
        worker.limit.refused(sent, now);
        if (now >= benchedUntil && sent >= benchedUntil) {
            benchedUntil = now + retryAfter;
            benchNumber++;
            workers.forEach(each -> each.limit.refusedElsewhere(now));
            at(benchedUntil, () -> workers.forEach(this::pump));
        }
    }
}
