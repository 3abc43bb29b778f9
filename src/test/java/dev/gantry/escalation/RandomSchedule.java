package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.budget.BudgetLedger;
import dev.gantry.budget.Ledgers;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.Cap;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.Caps.Scope;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.RequestOptions.Intent;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.Tier;
import dev.gantry.inference.WhenBenched;
import dev.gantry.metering.Cost;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneDraft;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.routing.SettingsDraft;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** One request, its lanes and what they do, all by chance; and whether it went as it has to. */
final class RandomSchedule {
    private static final List<Tier> TIERS = List.of(Tier.values());
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final int MOST_REPAIRS = 3;
    private static final RoutingPolicy.Latency AT_ONCE =
            new RoutingPolicy.Latency(Duration.ZERO, null);

    private final Random random;
    private final List<Lane> lanes = new ArrayList<>();
    private final Map<LaneId, Integer> dollars = new HashMap<>();
    private final SettingsDraft settings = settings();
    private final RequestBuilder request = request();
    private final LoopFixture loop;
    private final List<Served> served = new ArrayList<>();

    // What was asked for, for the second opinion.
    private final Caps caps;
    private final @Nullable RoutingPolicy policy;
    private final Instant deadline;
    private int maxAttempts;
    private int maxRefusals;
    private boolean escalate = true;
    private boolean forced;
    private boolean indoors;
    private boolean tools;
    private boolean denied;
    private long tokens;
    private @Nullable Tier tier;
    private @Nullable String provider;

    /** A call as the provider saw it. */
    record Served(FakeProvider.Call call, Fault fault) {
        LaneId lane() {
            return call.dispatch().lane();
        }

        boolean inPlace() {
            String reason = call.dispatch().reason();
            return reason.startsWith("retry ") || reason.startsWith("repair ");
        }

        /** A failed probe is a service to the fleet, unless the request may be what failed. */
        AttemptUse use() {
            boolean probe = call.dispatch().kind() == AttemptKind.PROBE;
            return probe && !fault.answered() ? AttemptUse.FREE : fault.use();
        }
    }

    /**
     * With caps of single calls only.
     *
     * @param race whether a second call joins every one that may have one: they interleave then
     */
    RandomSchedule(Random random, boolean race) {
        this(random, Ledgers.untouched(), false, "session", race);
    }

    RandomSchedule(Random random, BudgetLedger ledger, String session, boolean race) {
        this(random, ledger, true, session, race);
    }

    private RandomSchedule(
            Random random, BudgetLedger ledger, boolean shared, String session, boolean race) {
        this.random = random;
        Map<LaneId, Price> prices = new HashMap<>();
        for (int each = 0; each < 1 + random.nextInt(7); each++) {
            Lane lane = randomLane(each);
            lanes.add(lane);
            if (!chance(10)) {
                int price = random.nextInt(4) * 100;
                dollars.put(lane.id(), price);
                prices.put(lane.id(), price(price));
            }
        }
        loop = new LoopFixture(ledger, PriceList.of(prices, "config", "v"));
        loop.hurried = true;
        loop.dispatching = _ -> {};
        deadline = loop.clock.instant().plusSeconds(30 + random.nextInt(600));
        Caps own = shared || chance(50) ? caps(random, shared) : Caps.NONE;
        Caps more = chance(30) ? caps(random, shared) : Caps.NONE;
        var latency = race ? AT_ONCE : RoutingPolicy.Latency.NONE;
        policy = race || chance(50) ? randomPolicy(more, latency) : null;
        caps = policy == null ? own : own.and(policy.caps());
        ask(session, own);
        configure();
        lanes.forEach(this::script);
    }

    boolean raced() {
        return !loop.races.isEmpty();
    }

    List<Served> served() {
        return served;
    }

    void runAndCheck(String seed) throws InterruptedException {
        try {
            check(loop.run(request, settings, lanes.toArray(Lane[]::new)));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("%s: %s".formatted(seed, story()), e);
        }
    }

    private String story() {
        return served.stream().map(each -> each.lane() + " " + each.fault()).toList().toString();
    }

    private Lane randomLane(int number) {
        String tierName = TIERS.get(random.nextInt(TIERS.size())).label();
        String id =
                "%s:p%d:i%d:inference:m%d"
                        .formatted(tierName, random.nextInt(3), number, random.nextInt(3));
        LaneDraft draft = lane(id).weight(chance(10) ? 0 : 1 + random.nextInt(300)).maxOutput(100);
        if (chance(50)) {
            draft.window(1000L * (1 + random.nextInt(5)));
        }
        if (chance(20)) {
            draft.capabilities(Capability.STREAMING);
        }
        return (chance(5) ? draft.withoutCredentials() : draft).build();
    }

    private void ask(String session, Caps own) {
        long input = 1L + random.nextInt(3000);
        tokens = input + 50;
        request.session(session)
                .execution(session)
                .input(input)
                .output(50)
                .members("temperature")
                .caps(own);
        request.deadline(deadline);
        forced = chance(25);
        boolean strict = chance(15);
        request.intent(new Intent(Set.of(), null, strict ? "strict" : null, null));
        indoors = forced || strict;
        if (forced) {
            request.sensitivity(new Sensitivity(null, false, true));
        }
        tools = chance(20);
        if (tools) {
            request.needs(Capability.TOOLS);
        }
        if (chance(15)) {
            tier = TIERS.get(random.nextInt(TIERS.size()));
            request.tier(tier);
        }
        if (chance(15)) {
            provider = "p" + random.nextInt(3);
            request.provider(provider);
        }
        if (policy != null) {
            request.policy(policy);
        }
    }

    private void configure() {
        maxAttempts = policy == null ? 1 + random.nextInt(4) : policy.maxAttempts();
        maxRefusals = 1 + random.nextInt(5);
        escalate = !chance(10);
        denied = chance(15);
        settings.maxAttempts(maxAttempts).maxRefusals(maxRefusals).escalate(escalate);
        settings.order(any(RoutingSettings.Order.values()));
        settings.whenBenched(chance(50) ? WhenBenched.WAIT : WhenBenched.FAIL);
        if (denied) {
            settings.denied("M2");
        }
        if (chance(10)) {
            indoors = true;
            settings.enterprisePrivacy();
        }
    }

    private RoutingPolicy randomPolicy(Caps more, RoutingPolicy.Latency latency) {
        List<RoutingPolicy.Link> chain = new ArrayList<>();
        int links = (latency.raceAfter() == null ? 1 : 4) + random.nextInt(4);
        for (int each = 0; each < links; each++) {
            LaneId any = lanes.get(random.nextInt(lanes.size())).id();
            chain.add(
                    RoutingPolicy.Link.of(
                            any.provider(),
                            any.model(),
                            chance(30) ? any.instance() : null,
                            chance(30) ? Duration.ofSeconds(1 + random.nextInt(20)) : null,
                            null));
        }
        FailoverRules rules =
                FailoverRules.merged(
                        any(null, List.of(), List.of(429, 500), List.of(400, 404, 405)),
                        any(null, List.of(), List.of("transient"), List.of("auth", "generic")),
                        chance(30) ? Duration.ofSeconds(1 + random.nextInt(30)) : null,
                        chance(30) ? 1 + random.nextInt(5) : null,
                        chance(30),
                        chance(50) ? random.nextInt(3) : null);
        return new RoutingPolicy("p", chain, rules, latency, more, RoutingPolicy.DEFAULT_EVENT);
    }

    static Caps caps(Random random, boolean shared) {
        BigDecimal call = random.nextBoolean() ? amount(random) : null;
        BigDecimal session = shared ? amount(random) : null;
        OnExceed[] actions = OnExceed.values();
        return Caps.of(call, session, actions[random.nextInt(actions.length)]);
    }

    /** Calls are projected at up to 1 USD, and cost up to 0.0045. */
    private static BigDecimal amount(Random random) {
        return BigDecimal.valueOf(random.nextInt(5) * 30L, 2);
    }

    private void script(Lane lane) {
        Fault[] all = Fault.values();
        Fault habit = chance(60) ? Fault.NONE : all[random.nextInt(all.length)];
        for (int turn = random.nextInt(6); turn > 0; turn--) {
            Fault fault = all[random.nextInt(all.length)];
            loop.provider.does(lane, call -> serve(call, fault));
        }
        loop.provider.alwaysDoes(lane, call -> serve(call, habit));
    }

    /** In a race it takes as long as another thread may need to join. */
    private ProviderReply serve(FakeProvider.Call call, Fault fault) {
        if (policy != null && policy.latency().raceAfter() != null) {
            LockSupport.parkNanos(Math.floorMod(call.dispatch().id().hashCode(), 200_000));
        }
        return answered(call, fault);
    }

    private synchronized ProviderReply answered(FakeProvider.Call call, Fault fault) {
        served.add(new Served(call, fault));
        Duration usual = Duration.ofMillis(random.nextInt(500));
        boolean timesOut = fault == Fault.TIMED_OUT || usual.compareTo(call.timeout()) > 0;
        loop.clock.advance(timesOut ? call.timeout() : usual);
        if (chance(1)) {
            loop.cancellation.cancel();
        }
        return fault.reply();
    }

    private void check(Conclusion conclusion) {
        served.forEach(each -> checkAllowed(each));
        checkBounds();
        checkOrder(conclusion);
        checkMeter(conclusion);
    }

    /** No link outside the hard filters, no call beyond the time that it has. */
    private void checkAllowed(Served call) {
        Lane lane =
                lanes.stream()
                        .filter(each -> each.id().equals(call.lane()))
                        .findFirst()
                        .orElseThrow();
        boolean leaves = lane.id().tier() == Tier.CLOUD || lane.id().tier() == Tier.FRONTIER;
        assertThat(lane.weight()).isPositive();
        assertThat(lane.credentials()).isTrue();
        assertThat(forced && lane.id().tier() != Tier.LOCAL).as("forced to local").isFalse();
        assertThat(indoors && leaves).as("privacy").isFalse();
        assertThat(!forced && tier != null && lane.id().tier() != tier).as("tier").isFalse();
        assertThat(provider != null && !lane.id().provider().equals(provider)).isFalse();
        assertThat(denied && lane.id().model().equals("m2")).as("denied").isFalse();
        assertThat(tools && !lane.capabilities().contains(Capability.TOOLS)).isFalse();
        assertThat(lane.contextWindow() != null && tokens > lane.contextWindow() * 0.9)
                .as("context")
                .isFalse();
        Instant at = call.call().dispatch().startedAt();
        assertThat(at.plus(call.call().timeout())).isBeforeOrEqualTo(deadline);
        assertThat(at).isBefore(deadline);
        if (policy != null) {
            RoutingPolicy.Link link = link(policy, lane.id());
            assertThat(
                            link.timeout() == null
                                    || call.call().timeout().compareTo(link.timeout()) <= 0)
                    .as("the link's time")
                    .isTrue();
        }
    }

    /** The first that means the lane. */
    private static RoutingPolicy.Link link(RoutingPolicy policy, LaneId lane) {
        return policy.chain().stream()
                .filter(each -> each.provider().equals(lane.provider()))
                .filter(each -> each.model().equals(lane.model()))
                .filter(each -> each.instance() == null || each.instance().equals(lane.instance()))
                .findFirst()
                .orElseThrow();
    }

    private void checkBounds() {
        int retries = policy == null ? 1 : Math.max(1, policy.failover().retries());
        int visitsUsed = 0;
        Map<LaneId, Integer> inPlace = new HashMap<>();
        Set<LaneId> used = new HashSet<>();
        for (Served each : served) {
            inPlace.merge(each.lane(), 1, (before, _) -> each.inPlace() ? before + 1 : 1);
            if (!each.inPlace()) {
                used.remove(each.lane());
            }
            if (each.use() == AttemptUse.ATTEMPT && used.add(each.lane())) {
                visitsUsed++;
            }
            assertThat(inPlace.get(each.lane()))
                    .as("of one visit")
                    .isLessThanOrEqualTo(1 + retries + MOST_REPAIRS);
        }
        assertThat(visitsUsed).as("attempts").isLessThanOrEqualTo(escalate ? maxAttempts : 1);
        assertThat(count(AttemptUse.REFUSAL)).as("refusals").isLessThanOrEqualTo(maxRefusals);
        long free = count(AttemptUse.FREE) + count(AttemptUse.REFUSAL);
        assertThat((long) served.size())
                .as("calls")
                .isLessThanOrEqualTo((long) maxAttempts * (1 + retries + MOST_REPAIRS) + free);
    }

    private long count(AttemptUse use) {
        return served.stream().filter(each -> each.use() == use).count();
    }

    /** A refusal is never shopped around, an answer is never thrown away, an end is an end. */
    private void checkOrder(Conclusion conclusion) {
        boolean good = conclusion.outcome() instanceof Succeeded;
        assertThat(loop.fates.stream().filter(AttemptFate.SELECTED::equals)).hasSize(good ? 1 : 0);
        if (loop.races.isEmpty()) {
            List<Fault> faults = served.stream().map(Served::fault).toList();
            List<Fault> before = faults.subList(0, Math.max(0, faults.size() - 1));
            assertThat(before).doesNotContain(Fault.NONE, Fault.FLAGGED);
            assertThat(good).isEqualTo(!faults.isEmpty() && faults.getLast() == Fault.NONE);
        }
        if (loop.cancellation.cancelled()) {
            assertThat(conclusion.outcome())
                    .isInstanceOfAny(Succeeded.class, Refused.class, Abandoned.class);
        }
    }

    /** The meter says of each call what the provider charges, and no call passes a cap. */
    private void checkMeter(Conclusion conclusion) {
        Map<AttemptId, Cost> metered = new HashMap<>();
        for (int each = 0; each < loop.ended.size(); each++) {
            metered.put(loop.ended.get(each).id(), loop.costs.get(each));
        }
        BigDecimal session = BigDecimal.ZERO;
        for (Served call : served) {
            Cost cost = metered.remove(call.call().dispatch().id());
            assertThat(cost).as("metered once").isNotNull();
            BigDecimal most = projected(call);
            checkBill(call, cost, most);
            if (most != null) {
                checkCap(Scope.CALL, most);
                checkCap(Scope.SESSION, session.add(most));
                session = session.add(cost.amount() == null ? most : cost.amount());
            }
            assertThat(most == null && !caps.none()).as("no price under a cap").isFalse();
        }
        assertThat(metered.values())
                .as("given up before they were made")
                .allMatch(cost -> cost.state() == Cost.State.NOT_BILLABLE);
        boolean capped = caps.all().stream().anyMatch(each -> each.scope() == Scope.SESSION);
        if (capped && !served.isEmpty()) {
            assertThat(conclusion.sessionCost()).isEqualByComparingTo(session);
        }
    }

    private void checkBill(Served call, Cost cost, @Nullable BigDecimal most) {
        Integer price = dollars.get(call.lane());
        switch (call.fault().billed()) {
            case NO -> assertThat(cost.state()).isEqualTo(Cost.State.NOT_BILLABLE);
            case MAYBE -> {
                assertThat(cost.amount()).isNull();
                assertThat(cost.upperBound() == null || cost.upperBound().compareTo(most) >= 0)
                        .isTrue();
            }
            case YES -> {
                assertThat(cost.state())
                        .isEqualTo(price == null ? Cost.State.UNKNOWN : Cost.State.FINAL);
                if (price != null) {
                    assertThat(cost.amount())
                            .isEqualByComparingTo(BigDecimal.valueOf(15L * price).divide(MILLION));
                }
            }
        }
    }

    private void checkCap(Scope scope, BigDecimal amount) {
        for (Cap cap : caps.all()) {
            boolean over = cap.scope() == scope && amount.compareTo(cap.limit()) > 0;
            assertThat(over && cap.onExceed() != OnExceed.WARN).as("over %s", cap).isFalse();
        }
    }

    /** Both prices are the same; null: there is none. */
    private @Nullable BigDecimal projected(Served call) {
        Integer price = dollars.get(call.lane());
        return price == null ? null : BigDecimal.valueOf(tokens * price).divide(MILLION);
    }

    private static Price price(int perMillion) {
        BigDecimal both = BigDecimal.valueOf(perMillion);
        return Price.of(both, null, null, both);
    }

    @SafeVarargs
    private <T extends @Nullable Object> T any(T... values) {
        return values[random.nextInt(values.length)];
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }
}
