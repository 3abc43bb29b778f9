package dev.gantry.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gantry.budget.BudgetEntry.Doubt;
import dev.gantry.budget.BudgetEntry.Reserve;
import dev.gantry.budget.BudgetEntry.Settle;
import dev.gantry.budget.SessionKey.Kind;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

/** Every entry counts once, in whatever order and however often it comes. */
class BudgetTableTest {
    private static final SessionKey SESSION = new SessionKey("acme", Kind.SESSION, "s-1");
    private static final SessionKey OTHER = new SessionKey("acme", Kind.SESSION, "s-2");

    @AutoClose private static final OwnSchema DATABASE = new OwnSchema(4);
    private final BudgetTable table = new BudgetTable(DATABASE.pool(), DATABASE.name());

    @BeforeAll
    static void migrate() throws InterruptedException {
        DATABASE.migrate();
    }

    @BeforeEach
    void empty() {
        DATABASE.sql("truncate ${schema}.budget_session, ${schema}.budget_reservation").update();
    }

    @Test
    void aReservationBeyondTheLimitIsRefusedAndLeavesNothing() {
        Booked first = book(reserve("a", "0.6", "1"));
        Booked second = book(reserve("b", "0.5", "1"));
        Booked third = book(reserve("c", "0.4", "1"));

        assertThat(List.of(first.granted(), second.granted(), third.granted()))
                .containsExactly(true, false, true);
        assertThat(second.reserved()).isEqualByComparingTo("0.6");
        assertThat(total(SESSION)).isEqualByComparingTo("1");
    }

    @Test
    void entriesOfOneStatementAreBookedInTheirOrder() {
        List<Booked> answers =
                table.book(
                        List.of(
                                reserve("a", "1", "1"),
                                reserve("b", "1", "1"),
                                new Settle(SESSION, "a", usd("0.25")),
                                reserve("c", "0.75", "1"),
                                new Reserve(OTHER, "d", usd("1"), usd("1"))));

        assertThat(answers.stream().map(Booked::granted))
                .containsExactly(true, false, true, true, true);
        assertThat(look(SESSION))
                .satisfies(
                        now -> {
                            assertThat(now.spent()).isEqualByComparingTo("0.25");
                            assertThat(now.reserved()).isEqualByComparingTo("0.75");
                        });
        assertThat(total(OTHER)).isEqualByComparingTo("1");
    }

    @Test
    void aReservationThatComesTwiceStandsOnce() {
        book(reserve("a", "0.6", "1"));

        Booked again = book(reserve("a", "0.6", "1"));

        assertThat(again.granted()).isTrue();
        assertThat(again.total()).as("without itself").isEqualByComparingTo("0");
        assertThat(total(SESSION)).isEqualByComparingTo("0.6");
    }

    @Test
    void aSettlementThatComesTwiceCountsOnce() {
        book(reserve("a", "0.6", "1"));
        book(new Settle(SESSION, "a", usd("0.1")));
        book(new Settle(SESSION, "a", usd("0.1")));
        book(reserve("a", "0.6", "1"));

        assertThat(look(SESSION).spent()).isEqualByComparingTo("0.1");
        assertThat(look(SESSION).reserved()).isEqualByComparingTo("0");
    }

    @Test
    void aReservationThatComesAfterItsReleaseSetsNothingAside() {
        book(reserve("other", "0.1", "1"));
        book(new Settle(SESSION, "a", usd("0")));
        book(reserve("a", "0.6", "1"));

        assertThat(total(SESSION)).isEqualByComparingTo("0.1");
    }

    @Test
    void aCallInDoubtStaysSpentAtItsProjectionUntilItsFinalReading() {
        book(reserve("a", "0.6", "1"));
        book(new Doubt(SESSION, "a"));
        book(new Doubt(SESSION, "a"));
        Booked doubtful = look(SESSION);
        boolean more = book(reserve("b", "0.5", "1")).granted();

        book(new Settle(SESSION, "a", usd("0.2")));

        assertThat(doubtful.spent()).isEqualByComparingTo("0.6");
        assertThat(doubtful.reserved()).isEqualByComparingTo("0");
        assertThat(more).isFalse();
        assertThat(look(SESSION).spent()).isEqualByComparingTo("0.2");
        assertThat(book(reserve("b", "0.5", "1")).granted()).isTrue();
    }

    @Test
    void aDeadWorkersReservationStays() {
        book(reserve("dead", "0.6", "1"));

        DATABASE.sql(
                        "update ${schema}.budget_reservation set reserved_at = now() - interval '34 days'")
                .update();
        table.sweep();

        assertThat(DATABASE.count("budget_reservation")).isEqualTo(1);
        assertThat(book(reserve("b", "0.5", "1")).granted()).isFalse();
    }

    @Test
    void aCallMayCostMoreThanItsProjectionAndThenHoldsUpTheNext() {
        book(reserve("a", "0.5", "1"));
        book(new Settle(SESSION, "a", usd("1.2")));

        Booked next = book(reserve("b", "0", "1"));

        assertThat(next.granted()).isFalse();
        assertThat(next.spent()).isEqualByComparingTo("1.2");
    }

    @Test
    void withoutALimitEverythingIsBooked() {
        assertThat(book(reserve("a", "5", null)).granted()).isTrue();
        assertThat(total(SESSION)).isEqualByComparingTo("5");
    }

    @Test
    void moneyIsExact() {
        for (int each = 0; each < 10; each++) {
            book(reserve("r" + each, "0.1", null));
            book(new Settle(SESSION, "r" + each, usd("0.100000000001")));
        }

        assertThat(look(SESSION).spent()).isEqualTo(usd("1.000000000010"));
    }

    @Test
    void sessionsOfOtherCustomersBatchesAndNamesAreOthers() {
        List<SessionKey> keys =
                List.of(
                        SESSION,
                        new SessionKey("acme", Kind.BATCH, "s-1"),
                        new SessionKey("other", Kind.SESSION, "s-1"),
                        new SessionKey("", Kind.SESSION, "s-1"),
                        new SessionKey("acme:7", Kind.SESSION, "s-1"));
        for (SessionKey key : keys) {
            book(new Reserve(key, "x" + key.id(), usd("1"), usd("1")));
        }

        assertThat(keys.stream().map(SessionKey::id)).doesNotHaveDuplicates();
        assertThat(keys).allSatisfy(key -> assertThat(total(key)).isEqualByComparingTo("1"));
    }

    @Test
    void namesThatTheDatabaseWouldRefuseAreBooked() {
        var odd = new SessionKey("a\0b", Kind.SESSION, "\ud800" + "long".repeat(500));

        book(new Reserve(odd, "a", usd("1"), usd("1")));

        assertThat(total(odd)).isEqualByComparingTo("1");
    }

    @Test
    void oldSessionsAndSettledCallsAreForgottenAndOthersNot() {
        book(reserve("old", "0.1", "1"));
        book(new Settle(SESSION, "old", usd("0.1")));
        book(reserve("lost", "0.1", "1"));
        book(new Reserve(OTHER, "open", usd("0.3"), usd("1")));
        DATABASE.sql(
                        """
                        update ${schema}.budget_session
                        set kept_until = kept_until - 36 where session = 's-1'
                        """)
                .update();
        DATABASE.sql(
                        """
                        update ${schema}.budget_reservation
                        set settled_at = settled_at - interval '11 minutes',
                            reserved_at = reserved_at - interval '36 days'
                        where id <> 'open'
                        """)
                .update();

        table.sweep();

        assertThat(DATABASE.count("budget_session")).isEqualTo(1);
        assertThat(DATABASE.count("budget_reservation")).isEqualTo(1);
        assertThat(total(OTHER)).isEqualByComparingTo("0.3");
    }

    @Test
    void oneSweepTakesAllThatIsOld() {
        DATABASE.sql(
                        """
                        insert into ${schema}.budget_reservation (id, session_id, projected, settled_at)
                        select 'r' || n, 's', 0, now() - interval '1 hour'
                        from generate_series(1, 25000) n
                        """)
                .update();

        table.sweep();

        assertThat(DATABASE.count("budget_reservation")).isZero();
    }

    /** It comes each minute, to tables that hold weeks. */
    @ParameterizedTest
    @MethodSource("sweeps")
    void aSweepReadsNothingThatStays(String sweep) throws Exception {
        try (Connection connection = DATABASE.pool().getConnection()) {
            connection.setAutoCommit(false);
            JdbcClient one = JdbcClient.create(new SingleConnectionDataSource(connection, true));
            one.sql("set local enable_seqscan = off").update();

            List<@Nullable String> plan =
                    one.sql("explain " + DATABASE.name().in(sweep))
                            .param("age", 60)
                            .query(String.class)
                            .list();

            assertThat(plan).anyMatch(line -> String.valueOf(line).contains("Tid Scan"));
            assertThat(plan).anyMatch(line -> String.valueOf(line).contains("Index Cond"));
            connection.rollback();
        }
    }

    static Stream<String> sweeps() {
        return Stream.of(BudgetTable.SETTLED, BudgetTable.OPEN, BudgetTable.UNUSED);
    }

    @Test
    void sessionsAreKeptFiveWeeksUnusedAndRequestsByThemselvesForDays() {
        book(new Reserve(SESSION, "a", usd("1"), null));
        book(new Reserve(new SessionKey("", Kind.REQUEST, "r"), "b", usd("1"), null));
        DATABASE.sql("update ${schema}.budget_session set kept_until = kept_until - 2").update();
        book(new Settle(SESSION, "a", usd("1")));

        assertThat(
                        DATABASE.sql(
                                        """
                                        select kept_until - (now() at time zone 'UTC')::date
                                        from ${schema}.budget_session order by kept_until
                                        """)
                                .query(Integer.class)
                                .list())
                .containsExactly(1, 35);
    }

    @Test
    void whoeverIsRefusedAgainAndAgainRewritesNothing() {
        book(reserve("a", "0.6", "1"));
        String before = place();

        Booked refused = book(reserve("b", "0.5", "1"));

        assertThat(refused.granted()).isFalse();
        assertThat(place()).isEqualTo(before);
    }

    private static String place() {
        return DATABASE.sql("select ctid::text from ${schema}.budget_session")
                .query(String.class)
                .single();
    }

    /** Else each try of a worker that gives up after two seconds would take another connection. */
    @Test
    void theDatabaseIsTheFirstToGiveUpOnALock() throws Exception {
        book(reserve("a", "0.6", "1"));
        try (Connection lock = DATABASE.pool().getConnection();
                Statement locks = lock.createStatement()) {
            lock.setAutoCommit(false);
            locks.execute(DATABASE.name().in("select * from ${schema}.budget_session for update"));

            Await.until(
                    "the database is the first",
                    () -> refusal(new Settle(SESSION, "a", usd("0.2"))).contains("lock timeout"));
            lock.rollback();
        }
    }

    private String refusal(BudgetEntry entry) {
        return String.valueOf(catchThrowable(() -> book(entry)));
    }

    private Booked book(BudgetEntry entry) {
        return table.book(List.of(entry)).getFirst();
    }

    private Booked look(SessionKey session) {
        return sums(DATABASE, session);
    }

    /** As they stand in the table; nothing of a session that is not there. */
    static Booked sums(OwnSchema schema, SessionKey session) {
        return schema.sql("select spent, reserved from ${schema}.budget_session where id = :id")
                .param("id", session.id())
                .query((row, _) -> new Booked(true, row.getBigDecimal(1), row.getBigDecimal(2)))
                .optional()
                .orElse(Booked.NOTHING);
    }

    private BigDecimal total(SessionKey session) {
        return look(session).total();
    }

    private static Reserve reserve(String id, String projected, @Nullable String limit) {
        return new Reserve(SESSION, id, usd(projected), limit == null ? null : usd(limit));
    }

    private static BigDecimal usd(String amount) {
        return new BigDecimal(amount);
    }
}
