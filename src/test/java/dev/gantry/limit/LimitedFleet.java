package dev.gantry.limit;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.AdmissionResult;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.CallFeedback;
import dev.gantry.admission.Candidate;
import dev.gantry.admission.LaneLoad;
import dev.gantry.admission.Permit;
import dev.gantry.admission.QueuedRequest;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.inference.Usage;
import dev.gantry.inference.WhenBenched;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Workers of one fleet before one lane with a provider's token buckets, event by event in simulated
 * time: the worker's own limits, admission and circuits, and the fleet's tables in memory.
 */
final class LimitedFleet {
    static final LaneId LANE = new LaneId(Tier.CLOUD, "p", "main", ModelType.INFERENCE, "small");

    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;

    private final Random random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private final List<Worker> workers = new ArrayList<>();
    final MemoryQuotas store = new MemoryQuotas(this::nanos);

    /** What the provider takes each second, and what it keeps for later. */
    private final Bucket requests;

    private final Bucket tokens;
    private long numbers;
    private long now;

    int calls;
    int refused;
    int answered;
    int mostUnderWay;

    /**
     * Looks at a worker whose requests wait, in which its lane seemed to want nothing but slots.
     */
    int seemedFree;

    private int underWay;
    private int callLimit = Integer.MAX_VALUE;

    /** Tokens of a call: estimated, asked for, and counted. */
    CallSize size = CallSize.NONE;

    long counted;
    long latencyMillis = 1_000;

    private record Event(long at, long number, Runnable what) {}

    private static final class Bucket {
        private final double perSecond;
        private final double most;
        private double level;
        private long filledAt;

        Bucket(double perSecond, double most) {
            this.perSecond = perSecond;
            this.most = most;
            this.level = most;
        }

        boolean has(double amount, long now) {
            level = Math.min(most, level + (now - filledAt) / (double) SECOND * perSecond);
            filledAt = now;
            return level >= amount;
        }
    }

    private final class Worker {
        final FleetLimits limits;
        final AdmissionControl admission;
        boolean newsOnTheWay;

        Worker(String name, ConfiguredLimits configured) {
            limits =
                    new FleetLimits(
                            store, new SchemaName("gantry"), name, LimitedFleet.this::nanos);
            limits.offer(Map.of(LimitScope.ofLane(LANE), configured));
            ScopeMembership member =
                    new ScopeMembership(
                            LANE, "p:main", QuotaScope.LANE, ScopeMembership.KeySource.CONFIGURED);
            admission =
                    new AdmissionControl(
                            new AdmissionSettings(2_000, 1),
                            Circuits.localOnly(
                                    CircuitSettings.DEFAULT,
                                    List.of(member),
                                    LimitedFleet.this::instant),
                            limits,
                            LimitedFleet.this::instant,
                            LimitedFleet.this::nanos,
                            () -> true);
            beat();
            look();
        }

        private void beat() {
            limits.passNow();
            after(2_000, this::beat);
        }

        /** As often as a timer wakes it; a tick of its own, as workers' clocks are. */
        private void look() {
            if (limits.called()) {
                news();
            }
            LaneLoad load = admission.load(LANE);
            if (load != null && load.waiting() > 0 && admission.takesCalls().test(LANE)) {
                seemedFree++;
            }
            admission.lookAround();
            after(10 + random.nextInt(10), this::look);
        }

        void hears() {
            limits.heard("gantry shares somebody");
        }

        private void news() {
            if (!newsOnTheWay) {
                newsOnTheWay = true;
                after(
                        20 + random.nextInt(150),
                        () -> {
                            newsOnTheWay = false;
                            limits.passNow();
                        });
            }
        }

        void ask() {
            AdmissionRequest ask =
                    new AdmissionRequest(
                                    List.of(new Candidate(LANE, Instant.MIN)),
                                    instant().plus(Duration.ofDays(1)),
                                    true,
                                    WhenBenched.WAIT)
                            .sized(size);
            switch (admission.enter(ask, null)) {
                case AdmissionResult.Granted(Permit permit) -> call(permit);
                case AdmissionResult.Waiting(QueuedRequest queued) ->
                        queued.whenOver(
                                () ->
                                        after(
                                                0,
                                                () -> {
                                                    Permit permit = queued.permit();
                                                    if (permit != null) {
                                                        call(permit);
                                                    }
                                                }));
                case AdmissionResult.AllBenched _ -> throw new IllegalStateException("it waits");
            }
        }

        private void call(Permit permit) {
            calls++;
            long took = latencyMillis / 2 + random.nextLong(latencyMillis);
            double amount = size.input() + (size.output() == null ? 0 : size.output());
            boolean takes = requests.has(1, now) && tokens.has(amount, now) && underWay < callLimit;
            if (takes) {
                requests.level--;
                tokens.level -= amount;
                underWay++;
                mostUnderWay = Math.max(mostUnderWay, underWay);
                after(took, () -> answered(permit));
            } else {
                after(took / 10, () -> refused(permit));
            }
        }

        private void answered(Permit permit) {
            answered++;
            underWay--;
            Usage usage = new Usage(counted, null, null, 0L, null, Map.of(), null);
            admission.told(permit, CallFeedback.ANSWERED, new CallUse.Counted(usage));
            admission.leave(permit);
        }

        private void refused(Permit permit) {
            refused++;
            admission.told(permit, CallFeedback.SLOWED, CallUse.REFUSED);
            admission.leave(permit);
            after(1_000, this::ask);
        }
    }

    /** Without a limit of tokens, where that is 0. */
    LimitedFleet(double perSecond, double burst, double tokensPerMinute, long seed) {
        this.requests = new Bucket(perSecond, burst);
        this.tokens =
                tokensPerMinute == 0
                        ? new Bucket(0, 1e12)
                        : new Bucket(tokensPerMinute / 60, tokensPerMinute);
        this.random = new Random(seed);
        store.shareNews = () -> workers.forEach(Worker::hears);
    }

    void callLimit(int most) {
        callLimit = most;
    }

    /** They come up within a few seconds, and each has its requests at once. */
    void join(int count, int requestsEach, ConfiguredLimits configured) {
        for (int each = 0; each < count; each++) {
            String name = "w%03d".formatted(workers.size() + each);
            after(
                    random.nextLong(3_000),
                    () -> {
                        Worker worker = new Worker(name, configured);
                        workers.add(worker);
                        for (int request = 0; request < requestsEach; request++) {
                            worker.ask();
                        }
                    });
        }
    }

    /** Until so many are answered. */
    void run(int wanted) {
        while (answered < wanted && now < 3_600 * SECOND && !events.isEmpty()) {
            Event event = events.remove();
            now = event.at();
            event.what().run();
        }
    }

    double seconds() {
        return now / (double) SECOND;
    }

    double callsPerRequest() {
        return calls / (double) answered;
    }

    private void after(long millis, Runnable what) {
        events.add(new Event(now + millis * MILLI, numbers++, what));
    }

    private long nanos() {
        return now;
    }

    private Instant instant() {
        return Instant.EPOCH.plusNanos(now);
    }
}
