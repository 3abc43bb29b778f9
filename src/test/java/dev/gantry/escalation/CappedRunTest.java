package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.WaitReason;
import dev.gantry.budget.BudgetLedger;
import dev.gantry.budget.Exceeded;
import dev.gantry.budget.Ledgers;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

/**
 * Caps before every call, on a real ledger. The dear lane is projected at 1 USD, and costs 0.005.
 */
class CappedRunTest {
    private static final Lane DEAR =
            lane("cloud:dear:x:inference:m").window(100_000).maxOutput(1000).weight(900).build();
    private static final Lane CHEAP =
            lane("cloud:cheap:x:inference:m").window(100_000).maxOutput(1000).weight(500).build();
    private static final Lane SPARE =
            lane("cloud:spare:x:inference:m").window(100_000).maxOutput(1000).weight(400).build();
    private static final Lane FREE = lane("local:free:x:inference:m").weight(100).build();
    private static final Lane BOUNDLESS =
            lane("cloud:dear:x:inference:n").window(100_000).weight(1).build();
    private static final Lane UNPRICED = lane("local:odd:x:inference:m").weight(1).build();

    private static final PriceList PRICES =
            PriceList.of(
                    Map.of(
                            DEAR.id(), price("1000"),
                            BOUNDLESS.id(), price("1000"),
                            CHEAP.id(), price("10"),
                            SPARE.id(), price("10"),
                            FREE.id(), price("0")),
                    "config",
                    "v");

    @AutoClose private static final OwnSchema DATABASE = new OwnSchema(4);

    /** That the ledger has asked for. */
    private final AtomicInteger connections = new AtomicInteger();

    @AutoClose
    private final BudgetLedger ledger =
            Ledgers.silentAfter(Duration.ofMinutes(1), counted(), DATABASE.name());

    @AutoClose
    private final BudgetLedger impatient =
            Ledgers.silentAfter(Duration.ofMillis(500), counted(), DATABASE.name());

    private int executions;

    private LoopFixture loop = new LoopFixture(ledger, PRICES);

    @BeforeAll
    static void migrate() throws InterruptedException {
        DATABASE.migrate();
    }

    @BeforeEach
    void empty() {
        DATABASE.sql("truncate ${schema}.budget_session, ${schema}.budget_reservation").update();
    }

    @Test
    void withoutACapNothingIsAskedOfTheDatabaseAndNoSessionHasACost() throws InterruptedException {
        loop.provider.on(DEAR, Replies.STALE, Replies.BROKEN).on(CHEAP, Replies.OK);

        Conclusion conclusion = loop.run(DEAR, CHEAP);

        assertThat(conclusion.sessionCost()).isNull();
        assertThat(connections).hasValue(0);
    }

    @Test
    void aCapPerCallAloneTouchesNoLedger() throws InterruptedException {
        loop.provider.on(DEAR, Replies.OK);

        Conclusion conclusion = run(Caps.of(usd("1"), null, OnExceed.ABORT), DEAR);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(connections).hasValue(0);
    }

    @Test
    void abortEndsTheRequestBeforeAnyCall() throws InterruptedException {
        Conclusion conclusion = run(Caps.of(usd("0.99"), null, OnExceed.ABORT), DEAR, CHEAP);

        assertThat(conclusion.attempts()).isEmpty();
        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.BUDGET_EXCEEDED);
        assertThat(failed(conclusion).message())
                .isEqualTo(
                        DEAR.id()
                                + ": per_call_usd 0.99: a call may cost 1 USD"
                                + " (0 tokens in, 1000 out)");
        assertThat(loop.exceeded)
                .containsExactly(
                        new Exceeded(
                                "per_call_usd",
                                usd("0.99"),
                                usd("1.000000"),
                                null,
                                null,
                                OnExceed.ABORT));
    }

    @Test
    void lesson18WhoAsksForNoLimitIsProjectedAtTheModelsOwn() throws InterruptedException {
        var unlimited = request().session("s-1").input(0);

        Conclusion limited =
                loop.run(
                        unlimited.caps(Caps.of(usd("0.99"), null, OnExceed.ABORT)),
                        settings(),
                        DEAR);
        Conclusion unbounded =
                loop.run(
                        unlimited.caps(Caps.of(usd("9999"), null, OnExceed.ABORT)),
                        settings(),
                        BOUNDLESS);

        assertThat(failed(limited).message()).contains("a call may cost 1 USD");
        assertThat(failed(unbounded).message()).contains("price_unknown");
        assertThat(loop.provider.calls()).isEmpty();
    }

    @Test
    void skipGoesToTheNextLaneAndUsesNoAttempt() throws InterruptedException {
        loop.provider.on(CHEAP, Replies.OK);

        Conclusion conclusion =
                loop.run(
                        asking(Caps.of(usd("0.99"), null, OnExceed.SKIP)),
                        settings().maxAttempts(1),
                        DEAR,
                        CHEAP);

        assertThat(loop.provider.lanes()).containsExactly(CHEAP.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.exceeded).hasSize(1);
    }

    @Test
    void whereEveryLaneIsSkippedTheEndNamesEachCap() throws InterruptedException {
        Conclusion conclusion = run(Caps.of(null, usd("0"), OnExceed.SKIP), DEAR, CHEAP, UNPRICED);

        assertThat(loop.provider.calls()).isEmpty();
        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
        assertThat(failed(conclusion).message())
                .contains(DEAR.id() + ": not tried, session_usd 0")
                .contains(UNPRICED.id() + ": not tried, price_unknown");
    }

    @Test
    void warnGoesOnAndSaysSo() throws InterruptedException {
        loop.provider.on(DEAR, Replies.OK);

        Conclusion conclusion = run(Caps.of(usd("0.5"), usd("0.7"), OnExceed.WARN), DEAR);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.exceeded.stream().map(Exceeded::kind))
                .containsExactly("per_call_usd", "session_usd");
        assertThat(conclusion.sessionCost()).isEqualByComparingTo("0.005");
    }

    @Test
    void aCapOfNothingLeavesWhatIsFreeAndPassesOverWhatHasNoPrice() throws InterruptedException {
        loop.provider.on(FREE, Replies.OK);

        Conclusion conclusion = run(Caps.of(null, usd("0"), OnExceed.SKIP), DEAR, UNPRICED, FREE);

        assertThat(loop.provider.lanes()).containsExactly(FREE.id());
        assertThat(conclusion.sessionCost()).isEqualByComparingTo("0");
    }

    @Test
    void anUnknownPriceUnderACapIsPassedOverAlsoWhereCapsAbort() throws InterruptedException {
        loop.provider.on(FREE, Replies.OK);

        run(Caps.of(usd("5"), null, OnExceed.ABORT), UNPRICED, FREE);

        assertThat(loop.provider.lanes()).containsExactly(FREE.id());
        assertThat(loop.exceeded.stream().map(Exceeded::kind)).containsOnly("price_unknown");
    }

    @Test
    void theNextRequestOfTheSessionFindsWhatTheLastHasCost() throws InterruptedException {
        loop.provider.always(DEAR, Replies.OK);
        Caps caps = Caps.of(null, usd("1.007"), OnExceed.ABORT);

        BigDecimal first = run(caps, DEAR).sessionCost();
        BigDecimal second = run(caps, DEAR).sessionCost();
        Conclusion third = run(caps, DEAR);

        assertThat(first).isEqualByComparingTo("0.005");
        assertThat(second).isEqualByComparingTo("0.01");
        assertThat(failed(third).code()).isEqualTo(FailureCode.BUDGET_EXCEEDED);
        assertThat(failed(third).message()).contains("on top of the 0.01 USD of its session");
    }

    @Test
    void aTimeoutStaysSpentAtItsProjectionAndARefusalCostsNothing() throws InterruptedException {
        Caps caps = Caps.of(null, usd("1.5"), OnExceed.SKIP);
        loop.provider.on(DEAR, Replies.TIMED_OUT).on(CHEAP, Replies.OK);

        Conclusion conclusion = run(caps, DEAR, CHEAP);

        assertThat(conclusion.sessionCost()).isEqualByComparingTo("1.00005");
        loop.provider.on(CHEAP, Replies.BAD_REQUEST);
        assertThat(run(caps, CHEAP).sessionCost()).isEqualByComparingTo("1.00005");
        assertThat(failed(run(caps, DEAR)).message()).contains("session_usd 1.5");
    }

    @Test
    void aRetryInPlaceIsReservedAnewAndPassedOverWhereTheSessionHasNoMore()
            throws InterruptedException {
        loop.provider.on(DEAR, Replies.STALE).on(CHEAP, Replies.OK);

        Conclusion conclusion = run(Caps.of(null, usd("1.5"), OnExceed.SKIP), DEAR, CHEAP);

        assertThat(loop.provider.lanes()).containsExactly(DEAR.id(), CHEAP.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void aPolicysCapsHoldWithoutAnyOfTheRequests() throws InterruptedException {
        loop.provider.on(CHEAP, Replies.OK);
        RoutingPolicy skips = policy(Caps.of(usd("0.5"), usd("1"), OnExceed.SKIP));

        Conclusion conclusion = underPolicy(skips, Caps.NONE);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(CHEAP.id());
        assertThat(conclusion.sessionCost()).isEqualByComparingTo("0.00005");
        assertThat(loop.capped.getFirst().step())
                .isEqualTo(new RoutingPolicy.Step("p", "dear:m", RoutingPolicy.DEFAULT_EVENT));
    }

    @Test
    void aRequestTightensItsPolicysCapsAndNeverWidensThem() throws InterruptedException {
        RoutingPolicy aborts = policy(Caps.of(usd("0.5"), null, OnExceed.ABORT));

        Conclusion wider = underPolicy(aborts, Caps.of(usd("9"), null, OnExceed.WARN));
        Conclusion milder = underPolicy(aborts, Caps.of(usd("0.2"), null, OnExceed.WARN));
        loop.provider.on(CHEAP, Replies.OK);
        Conclusion tighter =
                underPolicy(
                        policy(Caps.of(usd("2"), null, OnExceed.ABORT)),
                        Caps.of(usd("0.5"), null, OnExceed.SKIP));

        assertThat(failed(wider).message()).contains("per_call_usd 0.5");
        assertThat(failed(milder).message()).contains("per_call_usd 0.5");
        assertThat(tighter.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void aRepairThatChangesTheOutputIsReservedAnew() throws InterruptedException {
        loop.provider.on(
                DEAR,
                Replies.error(400, "max_tokens: 1000 > 500, which is the maximum allowed"),
                Replies.OK);

        Conclusion conclusion = run(Caps.of(null, usd("1"), OnExceed.ABORT), DEAR);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(
                        DATABASE.sql(
                                        """
                                        select trim_scale(projected) from ${schema}.budget_reservation
                                        order by reserved_at
                                        """)
                                .query(BigDecimal.class)
                                .list())
                .containsExactly(usd("1"), usd("0.5"));
        assertThat(conclusion.sessionCost()).isEqualByComparingTo("0.005");
    }

    @Test
    void aRecordThatIsDeliveredAgainFindsWhatItsFirstDeliveryHasInDoubt()
            throws InterruptedException {
        Caps caps = Caps.of(null, usd("1.5"), OnExceed.ABORT);
        loop.provider.on(DEAR, Replies.TIMED_OUT);
        loop.run(asking(caps).session(null), settings().maxAttempts(1), DEAR);

        Conclusion again = loop.run(asking(caps).session(null), settings(), DEAR);

        assertThat(failed(again).message()).contains("on top of the 1 USD of its session");
    }

    @Test
    void aRetryInPlaceWaitsForTheLedgerWithoutItsSlot() throws Exception {
        loop = new LoopFixture(impatient, PRICES);
        CountDownLatch called = new CountDownLatch(1);
        Connection lock = DATABASE.pool().getConnection();
        loop.provider.does(
                DEAR,
                _ -> {
                    lock(lock);
                    called.countDown();
                    return Replies.STALE;
                });
        loop.provider.on(DEAR, Replies.OK);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Conclusion> waiting = threads.submit(this::capped);
            called.await();
            Await.until("the slot is given back", () -> loop.slotsHeld() == 0);
            lock.rollback();

            assertThat(waiting.get().outcome()).isInstanceOf(Succeeded.class);
            assertThat(loop.waits).contains(WaitReason.LEDGER);
        } finally {
            lock.close();
        }
    }

    /** Its permit is gone then, and no rule lets the chain advance. */
    @Test
    void aRetryInPlaceThatWaitedForTheLedgerIsMadeAlsoWhereNothingElseWouldBe() throws Exception {
        loop = new LoopFixture(impatient, PRICES);
        Connection lock = DATABASE.pool().getConnection();
        CountDownLatch called = new CountDownLatch(1);
        loop.provider.does(
                DEAR,
                _ -> {
                    lock(lock);
                    called.countDown();
                    return Replies.STALE;
                });
        loop.provider.on(DEAR, Replies.OK);
        var repeats =
                new RoutingPolicy(
                        "p",
                        List.of(
                                RoutingPolicy.Link.of("dear", "m", null, null, null),
                                RoutingPolicy.Link.of("cheap", "m", null, null, null)),
                        FailoverRules.merged(List.of(), List.of(), null, null, null, 1),
                        RoutingPolicy.Latency.NONE,
                        Caps.of(null, usd("5"), OnExceed.ABORT),
                        RoutingPolicy.DEFAULT_EVENT);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Conclusion> waiting = threads.submit(() -> underPolicy(repeats, Caps.NONE));
            called.await();
            Await.until("the slot is given back", () -> loop.slotsHeld() == 0);
            lock.rollback();

            assertThat(waiting.get().outcome()).isInstanceOf(Succeeded.class);
            assertThat(loop.provider.lanes()).containsExactly(DEAR.id(), DEAR.id());
            assertThat(LoopFixture.kinds(waiting.get()))
                    .containsExactly(AttemptKind.PRIMARY, AttemptKind.RETRY);
        } finally {
            lock.close();
        }
    }

    @Test
    void whileTheLedgerIsSilentARequestWaitsWithoutASlotAndThenGoesOn() throws Exception {
        loop = new LoopFixture(impatient, PRICES);
        loop.provider.on(DEAR, Replies.OK);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Conclusion> waiting;
            try (Connection lock = locked()) {
                waiting = threads.submit(this::capped);
                Await.until("it waits", () -> loop.waits.contains(WaitReason.LEDGER));
                assertThat(loop.slotsHeld()).isZero();
                assertThat(waiting.isDone()).isFalse();
                assertThat(loop.provider.calls()).isEmpty();
                lock.rollback();
            }

            assertThat(waiting.get().outcome()).isInstanceOf(Succeeded.class);
        }
    }

    @Test
    void aCancelledRequestDoesNotWaitForTheLedger() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection lock = locked()) {
            Future<Conclusion> waiting = threads.submit(this::capped);
            Await.until("it asks the ledger", () -> loop.slotsHeld() == 1);

            loop.cancellation.cancel();

            assertThat(waiting.get().outcome()).isInstanceOf(Abandoned.class);
            lock.rollback();
        }
    }

    private DataSource counted() {
        return new DelegatingDataSource(DATABASE.pool()) {
            @Override
            public Connection getConnection() throws SQLException {
                connections.incrementAndGet();
                return super.getConnection();
            }
        };
    }

    private Conclusion capped() throws InterruptedException {
        return run(Caps.of(null, usd("5"), OnExceed.ABORT), DEAR);
    }

    /** Lesson 48; and a cap that the backup would pass is no reason to end what is under way. */
    @Test
    void bothCallsOfARaceAreReservedOrThereIsNone() throws InterruptedException {
        Thread me = Thread.currentThread();
        loop.provider.does(
                DEAR,
                _ -> {
                    await(() -> me.getState() == Thread.State.WAITING && !loop.exceeded.isEmpty());
                    return Replies.OK;
                });

        Conclusion conclusion =
                raced(Caps.of(null, usd("1.005"), OnExceed.ABORT), DEAR, CHEAP, SPARE);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(DEAR.id());
        assertThat(loop.races).isEmpty();
        assertThat(loop.exceeded.stream().map(Exceeded::kind)).containsExactly("session_usd");
        assertThat(loop.exceeded.getFirst().onExceed()).isEqualTo(OnExceed.SKIP);
        assertThat(conclusion.sessionCost()).isEqualByComparingTo("0.005");
    }

    @Test
    void whatTheLoserOfARaceMayHaveCostStaysSpent() throws InterruptedException {
        loop.provider.does(DEAR, new HeldCall()).on(CHEAP, Replies.OK);

        Conclusion conclusion = raced(Caps.of(null, usd("1.5"), OnExceed.ABORT), DEAR, CHEAP);

        assertThat(loop.fates).contains(AttemptFate.RACE_LOST, AttemptFate.SELECTED);
        assertThat(conclusion.sessionCost()).isEqualByComparingTo("1.00005");
    }

    @Test
    void aBackupThatTheCapsSkipLeavesItsPlaceToTheNext() throws InterruptedException {
        loop.provider.does(CHEAP, new HeldCall()).on(FREE, Replies.OK);
        Caps caps = Caps.of(usd("0.5"), usd("2"), OnExceed.SKIP);

        Conclusion conclusion = raced(caps, CHEAP, DEAR, UNPRICED, FREE);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(CHEAP.id(), FREE.id());
        assertThat(loop.exceeded.stream().map(Exceeded::kind))
                .containsExactly("per_call_usd", "price_unknown");
    }

    /** The chain follows the lanes; each is joined by the next at once. */
    private Conclusion raced(Caps caps, Lane... lanes) throws InterruptedException {
        RoutingPolicy policy =
                new RoutingPolicy(
                        "p",
                        Arrays.stream(lanes)
                                .map(each -> each.id().provider())
                                .map(each -> RoutingPolicy.Link.of(each, "m", null, null, null))
                                .toList(),
                        FailoverRules.DEFAULT,
                        new RoutingPolicy.Latency(Duration.ofMillis(1), null),
                        Caps.NONE,
                        RoutingPolicy.DEFAULT_EVENT);
        return loop.run(asking(caps).policy(policy), settings(), lanes);
    }

    private static void await(Callable<Boolean> condition) {
        try {
            Await.until("nobody joins", condition);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The estimate of the input is nothing, so that the output is all that is projected. */
    private Conclusion run(Caps caps, Lane... lanes) throws InterruptedException {
        loop.ended.clear();
        return loop.run(asking(caps), settings(), lanes);
    }

    private RequestBuilder asking(Caps caps) {
        String execution = "EXECUTION" + executions++;
        return request().execution(execution).session("s-1").output(1000).input(0).caps(caps);
    }

    private static Failed failed(Conclusion conclusion) {
        assertThat(conclusion.outcome()).isInstanceOf(Failed.class);
        return (Failed) conclusion.outcome();
    }

    private Conclusion underPolicy(RoutingPolicy policy, Caps caps) throws InterruptedException {
        loop.ended.clear();
        return loop.run(asking(caps).policy(policy), settings(), DEAR, CHEAP);
    }

    private static Connection locked() throws Exception {
        Connection connection = DATABASE.pool().getConnection();
        lock(connection);
        return connection;
    }

    /** Until it is rolled back. */
    private static void lock(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(DATABASE.name().in("lock table ${schema}.budget_session"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RoutingPolicy policy(Caps caps) {
        return new RoutingPolicy(
                "p",
                List.of(
                        RoutingPolicy.Link.of("dear", "m", null, null, null),
                        RoutingPolicy.Link.of("cheap", "m", null, null, "spare")),
                FailoverRules.DEFAULT,
                RoutingPolicy.Latency.NONE,
                caps,
                RoutingPolicy.DEFAULT_EVENT);
    }

    private static Price price(String output) {
        return Price.of(usd("0"), null, null, usd(output));
    }

    private static BigDecimal usd(String amount) {
        return new BigDecimal(amount);
    }
}
