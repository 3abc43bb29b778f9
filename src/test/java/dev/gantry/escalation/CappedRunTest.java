package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.budget.BudgetLedger;
import dev.gantry.budget.Exceeded;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Caps before every call, on a real ledger. The dear lane is projected at 1 USD, and costs 0.005.
 */
class CappedRunTest {
    private static final Lane DEAR =
            lane("cloud:dear:x:inference:m").window(100_000).maxOutput(1000).weight(900).build();
    private static final Lane CHEAP =
            lane("cloud:cheap:x:inference:m").window(100_000).maxOutput(1000).weight(500).build();
    private static final Lane FREE = lane("local:free:x:inference:m").weight(100).build();
    private static final Lane UNPRICED = lane("local:odd:x:inference:m").weight(1).build();

    private static final PriceList PRICES =
            PriceList.of(
                    Map.of(
                            DEAR.id(), price("1000"),
                            CHEAP.id(), price("10"),
                            FREE.id(), price("0")),
                    "config",
                    "v");

    @AutoClose private final OwnSchema database = new OwnSchema(4);

    @AutoClose
    private final BudgetLedger ledger = new BudgetLedger(database.pool(), database.name());

    private int executions;

    private final LoopFixture loop = new LoopFixture(ledger, PRICES);

    @BeforeEach
    void migrate() throws InterruptedException {
        database.migrate();
    }

    @Test
    void withoutACapNothingIsBookedAndNoSessionHasACost() throws InterruptedException {
        loop.provider.on(DEAR, Replies.OK);

        Conclusion conclusion = loop.run(DEAR);

        assertThat(conclusion.sessionCost()).isNull();
        assertThat(database.count("budget_session")).isZero();
    }

    @Test
    void aCapPerCallAloneTouchesNoLedger() throws InterruptedException {
        loop.provider.on(DEAR, Replies.OK);

        Conclusion conclusion = run(Caps.of(usd("1"), null, OnExceed.ABORT), DEAR);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(database.count("budget_session")).isZero();
    }

    @Test
    void abortEndsTheRequestBeforeAnyCall() throws InterruptedException {
        Conclusion conclusion = run(Caps.of(usd("0.99"), null, OnExceed.ABORT), DEAR, CHEAP);

        assertThat(conclusion.attempts()).isEmpty();
        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.BUDGET_EXCEEDED);
        assertThat(failed(conclusion).message())
                .isEqualTo(DEAR.id() + ": per_call_usd 0.99: a call may cost 1 USD");
        assertThat(loop.exceeded)
                .containsExactly(
                        new Exceeded(
                                "per_call_usd",
                                usd("0.99"),
                                usd("1.000000"),
                                null,
                                OnExceed.ABORT));
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
    void aPolicysCapHoldsBesideTheRequestsOwn() throws InterruptedException {
        loop.policy = new Capped(Caps.of(usd("0.5"), null, OnExceed.ABORT));

        Conclusion conclusion = run(Caps.of(usd("0.2"), null, OnExceed.WARN), DEAR);

        assertThat(failed(conclusion).message()).contains("per_call_usd 0.5");
    }

    @Test
    void whileTheLedgerIsSilentARequestWaitsWithoutASlotAndThenGoesOn() throws Exception {
        loop.provider.on(DEAR, Replies.OK);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Conclusion> waiting;
            try (Connection lock = locked()) {
                waiting = threads.submit(this::capped);
                Await.until("it asks the ledger", () -> loop.slotsHeld() == 1);
                Await.until("the slot is given back", () -> loop.slotsHeld() == 0);

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

    private Conclusion capped() throws InterruptedException {
        return run(Caps.of(null, usd("5"), OnExceed.ABORT), DEAR);
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

    private Connection locked() throws Exception {
        Connection connection = database.pool().getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(database.name().in("lock table ${schema}.budget_session"));
        }
        return connection;
    }

    /** The usual rules, with caps of their own. */
    private record Capped(Caps caps) implements EscalationPolicy {
        @Override
        public Next next(RunState state) {
            return StandardPolicy.INSTANCE.next(state);
        }

        @Override
        public FailoverAction action(Called call) {
            return StandardPolicy.INSTANCE.action(call);
        }

        @Override
        public AttemptUse use(Called call) {
            return StandardPolicy.INSTANCE.use(call);
        }

        @Override
        public HealthImpact impact(Called call) {
            return StandardPolicy.INSTANCE.impact(call);
        }
    }

    private static Price price(String output) {
        return Price.of(usd("0"), null, null, usd(output));
    }

    private static BigDecimal usd(String amount) {
        return new BigDecimal(amount);
    }
}
