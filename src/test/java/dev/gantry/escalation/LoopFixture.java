package dev.gantry.escalation;

import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.AdmissionResult;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.Candidate;
import dev.gantry.admission.WaitReason;
import dev.gantry.budget.BudgetLedger;
import dev.gantry.budget.Exceeded;
import dev.gantry.budget.Ledgers;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.classification.Classifier;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Chunk;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.inference.WhenBenched;
import dev.gantry.limit.ToldLimit;
import dev.gantry.memory.ByteBudget;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.PriceList;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneDraft;
import dev.gantry.routing.LiveRoute;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.routing.SettingsDraft;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.TickingClock;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** A loop with a scripted provider, a clock that stands still and a recorder that remembers. */
final class LoopFixture implements AttemptRecorder {
    final TickingClock clock = new TickingClock();
    final FakeProvider provider = new FakeProvider();
    final Cancellation cancellation = new Cancellation();
    final List<Attempt.Dispatch> dispatched = new CopyOnWriteArrayList<>();
    final List<Attempt> ended = new CopyOnWriteArrayList<>();
    private final List<Conclusion> conclusions = new ArrayList<>();

    /** Weighed bytes of answers when the last request's outcome was handed on. */
    long heldAtTheEnd;

    /** What answers say of their lanes' limits. */
    final List<Map.Entry<LaneId, List<ToldLimit>>> told = new CopyOnWriteArrayList<>();

    final List<AttemptFate> fates = new ArrayList<>();
    final List<RaceEvent> races = new ArrayList<>();

    /** What somebody may have read along with. */
    final List<Chunk> chunks = new CopyOnWriteArrayList<>();

    /** Whether chunks are lost. */
    boolean brokerAway;

    EscalationPolicy policy = StandardPolicy.INSTANCE;

    /** Whether retries in place come without their pauses, which are real time. */
    boolean hurried;

    final List<WaitReason> waits = new CopyOnWriteArrayList<>();

    /**
     * Happens before a dispatch is on record; as it stands, no call joins one that is not made yet.
     */
    Consumer<Attempt.Dispatch> dispatching = this::awaitThoseBefore;

    /** Happens when an attempt has been told of. */
    Consumer<Attempt> ending = _ -> {};

    /** Slots that other requests hold. */
    private int occupied;

    final Circuits circuits = Lanes.circuits(clock);

    final ByteBudget budget = ByteBudget.boundless();
    private final AdmissionControl admission =
            new AdmissionControl(new AdmissionSettings(10, 1), circuits, clock, clock, () -> true);

    /** Begins with what a request is run with. */
    private Catalogue catalogue = new Catalogue(snapshot(List.of(), RoutingSettings.DEFAULT));

    /** What has been offered since; null: nothing else. */
    private @Nullable List<Lane> offered;

    /** Whether the last request ended on another route than it began with. */
    boolean rerouted;

    /** Happens after a wait is over, before its request goes on. */
    Runnable meanwhile = () -> {};

    private final EscalationLoop loop;
    private final PriceList prices;

    /** What the meter makes of each ended attempt. */
    final List<Cost> costs = new ArrayList<>();

    /** What caps have stopped, or have warned of. */
    final List<Exceeded> exceeded = new CopyOnWriteArrayList<>();

    final List<Attempt.Dispatch> capped = new ArrayList<>();

    LoopFixture() {
        this(Ledgers.untouched(), PriceList.NONE);
    }

    LoopFixture(BudgetLedger ledger, PriceList prices) {
        this.prices = prices;
        this.loop =
                new EscalationLoop(
                        new LaneCall(
                                _ -> provider,
                                new Classifier(),
                                (lane, limits) -> told.add(Map.entry(lane, limits)),
                                clock,
                                clock),
                        circuits,
                        admission,
                        budget,
                        ledger,
                        clock);
    }

    /** Runs a request that any of these lanes may answer; their weights are their order. */
    Conclusion run(RequestBuilder request, SettingsDraft settings, Lane... lanes)
            throws InterruptedException {
        return runAs(request.model("auto"), settings, lanes);
    }

    /** The same with the model that the request names itself. */
    Conclusion runAs(RequestBuilder request, SettingsDraft settings, Lane... lanes)
            throws InterruptedException {
        return run(request.build(), settings.build(), lanes);
    }

    Conclusion run(Lane... lanes) throws InterruptedException {
        return run(request(), settings(), lanes);
    }

    private Conclusion run(InferenceRequest request, RoutingSettings settings, Lane... lanes)
            throws InterruptedException {
        catalogue = new Catalogue(snapshot(Arrays.asList(lanes), settings));
        LiveRoute route = new LiveRoute(catalogue, request);
        if (offered != null) {
            catalogue.replace(snapshot(offered, RoutingSettings.DEFAULT));
        }
        conclusions.clear();
        ended.clear();
        List<LaneId> begun = ids(route);
        EscalationPolicy inForce =
                route.last().policy() == null ? policy : EscalationPolicy.of(route.last());
        inForce = hurried ? new Hurried(inForce) : inForce;
        Optional<SuspendedRun> run = loop.run(request, route, inForce, cancellation, this);
        while (run.isPresent()) {
            run.get().dropBody();
            sitOut(run.get());
            meanwhile.run();
            run = run.get().resume(request);
        }
        rerouted = !ids(route).equals(begun);
        assertThat(admission.slotsHeld()).as("slots are given back").isEqualTo(occupied);
        assertThat(budget.answers()).as("memory is given back").isZero();
        assertThat(conclusions).hasSize(1);
        Conclusion conclusion = conclusions.getFirst();
        assertThat(ended.stream().map(Attempt::id))
                .as("each attempt is told once")
                .containsExactlyInAnyOrderElementsOf(
                        conclusion.attempts().stream().map(Attempt::id).toList());
        return conclusion;
    }

    /** What the loop would begin with. */
    DryRun dryRun(RequestBuilder request, Lane... lanes) {
        InferenceRequest built = request.model("auto").build();
        Catalogue offers = new Catalogue(snapshot(Arrays.asList(lanes), RoutingSettings.DEFAULT));
        return loop.dryRun(built, new LiveRoute(offers, built).last(), offers.latencies());
    }

    /** The catalogue changes: these lanes instead of those. */
    void offer(List<Lane> before, List<Lane> now) {
        circuits.offer(members(before));
        circuits.offer(members(now));
        admission.leaveGone();
        offered = now;
        catalogue.replace(snapshot(now, RoutingSettings.DEFAULT));
    }

    private static List<ScopeMembership> members(List<Lane> lanes) {
        return lanes.stream()
                .map(each -> new ScopeMembership(each.id(), each.id().provider(), QuotaScope.LANE))
                .toList();
    }

    private CatalogueSnapshot snapshot(List<Lane> lanes, RoutingSettings settings) {
        return CatalogueSnapshot.of(lanes, settings, prices, "v");
    }

    private static List<LaneId> ids(LiveRoute route) {
        return route.last().lanes().stream().map(Lane::id).toList();
    }

    /** Moves the clock until the wait is over. */
    private void sitOut(SuspendedRun run) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        run.whenOver(over::countDown);
        if (waits.getLast() == WaitReason.LEDGER) {
            over.await(); // a real database's
        }
        for (int seconds = 0; over.getCount() > 0; seconds++) {
            assertThat(seconds).as("the wait ends").isLessThan(100_000);
            clock.advance(Duration.ofSeconds(1));
            admission.lookAround();
        }
    }

    /**
     * Waits until it holds while the clock goes on, for failures are reported no oftener than so
     * often; not so far that they are forgotten where the circuits' threads come late.
     */
    void awaitReported(String what, Callable<Boolean> condition) throws Exception {
        Instant enough = clock.instant().plusSeconds(5);
        Await.until(
                what,
                () -> {
                    if (clock.instant().isBefore(enough)) {
                        clock.advance(Duration.ofMillis(50));
                    }
                    return condition.call();
                });
    }

    private void awaitThoseBefore(Attempt.Dispatch dispatch) {
        try {
            if (dispatch.kind() == AttemptKind.HEDGE) {
                Await.until(
                        "the first call is made",
                        () -> provider.calls().size() >= dispatched.size());
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of the ten that there are. */
    void occupySlots(int count) {
        var other = LaneDraft.lane("local:other:x:inference:m").build().id();
        var ask =
                new AdmissionRequest(
                        List.of(new Candidate(other, Instant.MIN)),
                        clock.instant().plusSeconds(60),
                        false,
                        WhenBenched.WAIT);
        for (int each = 0; each < count; each++) {
            assertThat(admission.enter(ask, null)).isInstanceOf(AdmissionResult.Granted.class);
        }
        occupied = count;
    }

    int slotsHeld() {
        return admission.slotsHeld();
    }

    static List<AttemptKind> kinds(Conclusion conclusion) {
        return conclusion.attempts().stream().map(each -> each.dispatch().kind()).toList();
    }

    static ErrorKind error(Attempt attempt) {
        assertThat(attempt.error()).isNotNull();
        return attempt.error().kind();
    }

    @Override
    public boolean dispatching(
            InferenceRequest request, Attempt.Dispatch dispatch, Cancellation call) {
        dispatching.accept(dispatch);
        dispatched.add(dispatch);
        return true;
    }

    @Override
    public void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until) {
        waits.add(reason);
    }

    @Override
    public void capped(InferenceRequest request, Attempt.Dispatch call, Exceeded what) {
        exceeded.add(what);
        capped.add(call);
    }

    @Override
    public void raced(InferenceRequest request, RaceEvent event) {
        races.add(event);
    }

    @Override
    public boolean chunk(InferenceRequest request, Chunk chunk) {
        if (brokerAway) {
            return false;
        }
        chunks.add(chunk);
        return true;
    }

    @Override
    public Cost ended(InferenceRequest request, Attempt attempt, AttemptFate fate) {
        ended.add(attempt);
        fates.add(fate);
        ending.accept(attempt);
        Cost cost = MeterReading.of(request, attempt, prices).bill().cost();
        costs.add(cost);
        return cost;
    }

    @Override
    public void concluded(Conclusion conclusion) {
        conclusions.add(conclusion);
        heldAtTheEnd = budget.answers();
    }
}
