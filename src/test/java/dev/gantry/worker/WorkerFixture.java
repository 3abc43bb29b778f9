package dev.gantry.worker;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.WaitReason;
import dev.gantry.audit.AuditSettings;
import dev.gantry.budget.Ledgers;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.classification.Classifier;
import dev.gantry.delivery.Delivery;
import dev.gantry.escalation.EscalationLoop;
import dev.gantry.escalation.LaneCall;
import dev.gantry.event.Decisions;
import dev.gantry.event.EventSettings;
import dev.gantry.event.Origin;
import dev.gantry.event.TopicSettings;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Payload;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.inference.Usage;
import dev.gantry.memory.ByteBudget;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.outbox.ChunkPublisher;
import dev.gantry.outbox.OversizeAnswers;
import dev.gantry.outbox.Publisher;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneLatencies;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.secret.Secret;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/** A worker of real parts between a scripted provider and the Kafka client's own mock. */
final class WorkerFixture implements AutoCloseable, Completion, RequestObserver {
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    static final ProviderReply OK =
            answered(200, "{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}", 10L);
    static final ProviderReply UNAUTHORIZED =
            answered(401, "{\"error\":{\"message\":\"Incorrect API key provided\"}}", null);
    static final ProviderReply BROKEN =
            answered(500, "{\"error\":{\"message\":\"Internal server error\"}}", null);

    final HeldBroker broker = new HeldBroker();
    final RequestHandle handle = new RequestHandle();
    final List<LaneId> calls = new CopyOnWriteArrayList<>();
    final List<CallTarget> targets = new CopyOnWriteArrayList<>();
    final List<String> ends = new CopyOnWriteArrayList<>();
    final List<MeterReading> readings = new CopyOnWriteArrayList<>();
    final List<Conclusion> conclusions = new CopyOnWriteArrayList<>();
    final List<Rejection> rejections = new CopyOnWriteArrayList<>();
    final List<WaitReason> waits = new CopyOnWriteArrayList<>();

    volatile Function<LaneId, ProviderReply> provider = _ -> OK;

    /** Answers once it is told to stop, and no sooner; null: none does. */
    volatile @Nullable LaneId late;

    private volatile Instant now = NOW;
    private final InstantSource clock = () -> now;

    final Circuits circuits = Circuits.localOnly(CircuitSettings.DEFAULT, List.of(), clock);

    private final ByteBudget memory = ByteBudget.boundless();
    private final AdmissionControl admission;
    private final Publisher publisher = new Publisher(broker::producer);
    private final ChunkPublisher chunks = new ChunkPublisher(broker::producer, "t.chunks");
    private final OversizeAnswers keeper = new OversizeAnswers((_, _, _) -> false);
    private final Delivery delivery;
    private final Catalogue catalogue;
    private final EscalationLoop loop;

    WorkerFixture(Lane... lanes) {
        this.admission =
                new AdmissionControl(
                        new AdmissionSettings(10, 1), circuits, clock, this::nanos, () -> true);
        this.delivery = new Delivery(publisher, keeper, settings(), clock);
        this.catalogue = new Catalogue(snapshot("0.001", List.of(lanes)));
        var call =
                new LaneCall(
                        target ->
                                (_, dispatch, _, cancellation, _, _) -> {
                                    calls.add(dispatch.lane());
                                    targets.add(target);
                                    if (dispatch.lane().equals(late)) {
                                        CountDownLatch told = new CountDownLatch(1);
                                        var _ = cancellation.onCancel(told::countDown);
                                        await(told);
                                    }
                                    return provider.apply(dispatch.lane());
                                },
                        new Classifier(),
                        (_, _) -> {},
                        clock,
                        this::nanos);
        this.loop =
                new EscalationLoop(call, circuits, admission, memory, Ledgers.untouched(), clock);
    }

    private static EventSettings settings() {
        return new EventSettings(
                new Origin("default", "w-1", "0.1.0"),
                new TopicSettings(
                        "t.requests",
                        "t.results",
                        "t.chunks",
                        "t.metering",
                        "t.audit",
                        "t.routing",
                        "t.dead-letters",
                        true,
                        3,
                        (short) -1),
                new AuditSettings(AuditSettings.Content.NONE, new Secret("")),
                Decisions.ESCALATED,
                100_000);
    }

    private static CatalogueSnapshot snapshot(String price, List<Lane> lanes) {
        return CatalogueSnapshot.of(lanes, RoutingSettings.DEFAULT, prices(price, lanes), "v");
    }

    private static PriceList prices(String price, List<Lane> lanes) {
        BigDecimal each = new BigDecimal(price);
        Map<LaneId, Price> prices = new HashMap<>();
        for (Lane lane : lanes) {
            prices.put(lane.id(), Price.of(each, each, each, each));
        }
        return PriceList.of(prices, "config", "v");
    }

    Optional<SuspendedRun> work(RequestBuilder draft) throws InterruptedException {
        return worker(WriteAhead.OFF).work(draft.build(), handle, this);
    }

    /** The same on a thread of its own. */
    Thread start(RequestBuilder draft, WriteAhead writeAhead) {
        InferenceRequest request = draft.build();
        return Thread.startVirtualThread(
                () -> {
                    try {
                        var _ = worker(writeAhead).work(request, handle, this);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    void reject(Rejection rejection) {
        worker(WriteAhead.OFF).reject(rejection, this);
    }

    private Worker worker(WriteAhead writeAhead) {
        var reports =
                new RouteReports(
                        lane -> circuits.availability(lane).label(), catalogue.latencies());
        return new Worker(
                loop,
                new Worker.Means(catalogue, delivery, chunks, reports, this, writeAhead, clock));
    }

    /** The catalogue changes: these lanes instead of those. */
    void offer(List<Lane> before, List<Lane> now) {
        offer(before, now, "0.001");
    }

    /** The same, each kind of token at that price. */
    void offer(List<Lane> before, List<Lane> now, String price) {
        circuits.offer(members(before));
        circuits.offer(members(now));
        catalogue.replace(snapshot(price, now));
        admission.leaveGone();
    }

    private static List<ScopeMembership> members(List<Lane> lanes) {
        return lanes.stream()
                .map(each -> new ScopeMembership(each.id(), each.id().provider(), QuotaScope.LANE))
                .toList();
    }

    /** Time goes by, and those in line are looked at. */
    void pass(Duration time) {
        now = now.plus(time);
        admission.lookAround();
    }

    boolean benched(LaneId lane) {
        return circuits.availability(lane) instanceof LaneAvailability.Benched;
    }

    LaneLatencies.@Nullable Quantiles latency(Lane lane) {
        return catalogue.latencies().of(lane.id());
    }

    long heldBytes() {
        return memory.answers();
    }

    private long nanos() {
        return Duration.between(NOW, now).toNanos();
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ProviderReply answered(int status, String json, @Nullable Long tokens) {
        Usage usage =
                tokens == null ? null : new Usage(tokens, null, null, 20L, null, Map.of(), null);
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return new ProviderReply.Answered(
                new Answer(status, Payload.json(bytes), null, null, null, null, null, usage),
                Map.of());
    }

    @Override
    public void safe() {
        ends.add("safe");
    }

    @Override
    public void abandoned() {
        ends.add("abandoned");
    }

    @Override
    public void attemptEnded(InferenceRequest request, Attempt attempt, MeterReading reading) {
        readings.add(reading);
    }

    @Override
    public void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until) {
        waits.add(reason);
    }

    @Override
    public void concluded(Conclusion conclusion) {
        conclusions.add(conclusion);
    }

    @Override
    public void rejected(Rejection rejection) {
        rejections.add(rejection);
    }

    @Override
    public void close() {
        broker.takeAll();
        publisher.close();
        keeper.close();
        circuits.close();
    }
}
