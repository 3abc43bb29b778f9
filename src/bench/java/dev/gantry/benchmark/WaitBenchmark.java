package dev.gantry.benchmark;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.WaitReason;
import dev.gantry.budget.Exceeded;
import dev.gantry.budget.Ledgers;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.classification.Classifier;
import dev.gantry.escalation.AttemptRecorder;
import dev.gantry.escalation.EscalationLoop;
import dev.gantry.escalation.LaneCall;
import dev.gantry.escalation.StandardPolicy;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.memory.ByteBudget;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.PriceList;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LiveRoute;
import dev.gantry.routing.RoutingSettings;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * What a request costs that waits for a lane, through the real loop and its line: suspended, as the
 * worker does it, and as a virtual thread blocked where it found no lane.
 */
public class WaitBenchmark {
    private static final int WAITERS = 50_000;
    private static final int WOKEN = 10_000;
    private static final int ROUNDS = 3;
    private static final Lane LANE = lane("cloud:a:x:inference:m").build();
    private static final Duration DAY = Duration.ofDays(1);

    private final InstantSource clock = InstantSource.system();
    private final Circuits circuits = Circuits.localOnly(CircuitSettings.DEFAULT, List.of(), clock);
    private final EscalationLoop loop = loop();
    private final Catalogue catalogue =
            new Catalogue(
                    CatalogueSnapshot.of(
                            List.of(LANE), RoutingSettings.DEFAULT, PriceList.NONE, "v"));
    private final List<WeakReference<byte[]>> bodies = new ArrayList<>();

    /** Prints bytes, milliseconds and bodies; checks nothing. */
    @Test
    void run() throws InterruptedException {
        var refusal = new LaneFailure(ErrorKind.RATE_LIMIT, Reach.LANE, DAY, "HTTP 429");
        circuits.failed(LANE.id(), circuits.now(), refusal);
        for (int round = 0; round < ROUNDS; round++) {
            suspended();
            blocked();
        }
    }

    private EscalationLoop loop() {
        var admission =
                new AdmissionControl(
                        new AdmissionSettings(100, 1),
                        circuits,
                        clock,
                        System::nanoTime,
                        () -> true);
        var calls =
                new LaneCall(
                        _ -> (_, _, _, _, _, _) -> new ProviderReply.Cancelled(false),
                        new Classifier(),
                        (_, _) -> {},
                        clock,
                        System::nanoTime);
        return new EscalationLoop(
                calls, circuits, admission, ByteBudget.boundless(), Ledgers.untouched(), clock);
    }

    private void suspended() throws InterruptedException {
        long before = used();
        List<SuspendedRun> runs = new ArrayList<>(WAITERS);
        List<Cancellation> cancellations = new ArrayList<>(WAITERS);
        for (int number = 0; number < WAITERS; number++) {
            var cancellation = new Cancellation();
            SuspendedRun run = climb(number, cancellation, new Line(null)).orElseThrow();
            run.dropBody();
            runs.add(run);
            cancellations.add(cancellation);
        }
        report("suspended", used() - before);
        cancellations.forEach(Cancellation::cancel); // each ends as soon as it goes on
        InferenceRequest again = fresh(WAITERS);
        List<Thread> threads = new ArrayList<>(WOKEN);
        long start = System.nanoTime();
        runs.subList(0, WOKEN)
                .forEach(run -> threads.add(Thread.startVirtualThread(() -> resume(run, again))));
        join(threads);
        woken(start);
        runs.forEach(SuspendedRun::leave);
    }

    private void blocked() throws InterruptedException {
        long before = used();
        List<Line> lines = new ArrayList<>(WAITERS);
        List<Thread> threads = new ArrayList<>(WAITERS);
        for (int number = 0; number < WAITERS; number++) {
            var line = new Line(new CountDownLatch(1));
            int each = number;
            lines.add(line);
            threads.add(Thread.startVirtualThread(() -> begin(each, line)));
        }
        for (Line each : lines) {
            each.stands.await();
        }
        report("blocked", used() - before);
        long start = System.nanoTime();
        lines.subList(0, WOKEN).forEach(Line::goOn);
        join(threads.subList(0, WOKEN));
        woken(start);
        lines.forEach(Line::goOn);
        join(threads);
    }

    private void begin(int number, Line line) {
        try {
            climb(number, new Cancellation(), line).ifPresent(SuspendedRun::leave);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void resume(SuspendedRun run, InferenceRequest again) {
        try {
            run.resume(again);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Optional<SuspendedRun> climb(int number, Cancellation cancellation, Line line)
            throws InterruptedException {
        InferenceRequest fresh = fresh(number);
        LiveRoute route = new LiveRoute(catalogue, fresh);
        return loop.run(fresh, route, StandardPolicy.INSTANCE, cancellation, line);
    }

    /** With a body of its own, so that one can see who keeps it. */
    private InferenceRequest fresh(int number) {
        InferenceRequest plain =
                request("m").id("request-" + number).deadline(clock.instant().plus(DAY)).build();
        byte[] bytes = "{}".getBytes(StandardCharsets.UTF_8);
        synchronized (bodies) {
            bodies.add(new WeakReference<>(bytes));
        }
        return new InferenceRequest(
                plain.id(),
                plain.customId(),
                plain.batchId(),
                plain.source(),
                plain.execution(),
                plain.operation(),
                new RequestBody(bytes, 0, bytes.length, List.of(), plain.body().facts()),
                plain.options(),
                plain.deadline(),
                plain.trace(),
                plain.receivedAt());
    }

    private void report(String how, long bytes) {
        long kept = bodies.stream().filter(each -> each.get() != null).count();
        System.out.printf(
                Locale.ROOT,
                "%-9s %d waiters: %d bytes each, %d bodies kept%n",
                how,
                WAITERS,
                bytes / WAITERS,
                kept);
        bodies.clear();
    }

    private static void woken(long start) {
        System.out.printf(
                Locale.ROOT,
                "          %d woken in %d ms%n",
                WOKEN,
                (System.nanoTime() - start) / 1_000_000);
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread each : threads) {
            each.join();
        }
    }

    /** Bytes in use, stacks of virtual threads included: they lie on the heap. */
    private static long used() {
        for (int each = 0; each < 4; each++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Holds a request where it says that it waits, if there is a latch to hold it with. */
    private record Line(@Nullable CountDownLatch latch, CountDownLatch stands)
            implements AttemptRecorder {
        Line(@Nullable CountDownLatch latch) {
            this(latch, new CountDownLatch(1));
        }

        void goOn() {
            if (latch != null) {
                latch.countDown();
            }
        }

        @Override
        public boolean dispatching(
                InferenceRequest request, Attempt.Dispatch dispatch, Cancellation cancellation) {
            return true;
        }

        @Override
        public void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until) {
            stands.countDown();
            try {
                if (latch != null) {
                    latch.await();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void capped(InferenceRequest request, Attempt.Dispatch call, Exceeded exceeded) {}

        @Override
        public void raced(InferenceRequest request, RaceEvent event) {}

        @Override
        public Cost ended(InferenceRequest request, Attempt attempt, AttemptFate fate) {
            return MeterReading.of(request, attempt, PriceList.NONE).bill().cost();
        }

        @Override
        public void concluded(Conclusion conclusion) {}
    }
}
