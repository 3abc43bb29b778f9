package dev.gantry.budget;

import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.ShortConnections;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

import javax.sql.DataSource;

/** The ledger that the fleet shares; sweeping aside, each method is one statement. */
final class BudgetTable {
    /** An entry that is tried again, or comes late, comes within seconds. */
    static final Duration SETTLED_KEPT = Duration.ofMinutes(10);

    /** Longer than its session is used; what is open beyond it stays in the session's sum. */
    static final Duration OPEN_KEPT = Duration.ofDays(35);

    private static final int SWEPT_AT_ONCE = 10_000;

    private static final String BOOK =
            """
            select entry, granted, spent_before, reserved_before
            from ${schema}.budget_book(
                cast(:sessions as text[]), cast(:customers as text[]), cast(:names as text[]),
                cast(:days as integer[]), cast(:deeds as text[]), cast(:ids as text[]),
                cast(:amounts as numeric[]), cast(:limits as numeric[]))
            """;

    /** Whoever sweeps at the same time takes others. No index is asked by clock_timestamp(). */
    private static final String FORGET =
            """
            delete from ${schema}.%1$s
            where ctid = any(array(
                select ctid from ${schema}.%1$s
                where %2$s limit %3$d for update skip locked))
            """;

    static final String SETTLED =
            FORGET.formatted(
                    "budget_reservation",
                    "settled_at < now() - make_interval(secs => :age)",
                    SWEPT_AT_ONCE);

    static final String OPEN =
            FORGET.formatted(
                    "budget_reservation",
                    "settled_at is null and reserved_at < now() - make_interval(secs => :age)",
                    SWEPT_AT_ONCE);

    static final String UNUSED =
            FORGET.formatted(
                    "budget_session",
                    "kept_until < (now() at time zone 'UTC')::date",
                    SWEPT_AT_ONCE);

    private final JdbcClient jdbc;
    private final SchemaName schema;

    BudgetTable(DataSource dataSource, SchemaName schema) {
        this.jdbc = JdbcClient.create(new ShortConnections(dataSource));
        this.schema = schema;
    }

    /** All of them in their order, or none; an answer for each. */
    List<Booked> book(List<? extends BudgetEntry> entries) {
        List<@Nullable Booked> answers = new ArrayList<>(Collections.nCopies(entries.size(), null));
        jdbc.sql(schema.in(BOOK))
                .param("sessions", texts(entries, each -> each.session().id()))
                .param("customers", texts(entries, each -> shown(each.session().customer())))
                .param("names", texts(entries, each -> shown(each.session().name())))
                .param("days", texts(entries, each -> "" + each.session().kind().kept().toDays()))
                .param("deeds", texts(entries, BudgetEntry::deed))
                .param("ids", texts(entries, BudgetEntry::id))
                .param("amounts", texts(entries, each -> plain(each.amount())))
                .param("limits", texts(entries, each -> plain(each.limit())))
                .query(
                        row -> {
                            answers.set(
                                    row.getInt("entry") - 1,
                                    new Booked(
                                            row.getBoolean("granted"),
                                            row.getBigDecimal("spent_before"),
                                            row.getBigDecimal("reserved_before")));
                        });
        List<Booked> all = new ArrayList<>(entries.size());
        for (int each = 0; each < entries.size(); each++) {
            all.add(told(entries.get(each), answers.get(each)));
        }
        return all;
    }

    /** A session that was swept away meanwhile has nothing to settle, but nothing reserved. */
    private static Booked told(BudgetEntry entry, @Nullable Booked answer) {
        if (answer == null && entry instanceof BudgetEntry.Reserve) {
            throw new IllegalStateException(
                    "the ledger does not know the session of " + entry.id());
        }
        return answer == null ? Booked.NOTHING : answer;
    }

    /** Deletes what is old: settled calls, sessions that nobody uses, and calls left open. */
    void sweep() {
        sweep(jdbc.sql(schema.in(SETTLED)).param("age", SETTLED_KEPT.toSeconds()));
        sweep(jdbc.sql(schema.in(OPEN)).param("age", OPEN_KEPT.toSeconds()));
        sweep(jdbc.sql(schema.in(UNUSED)));
    }

    private static void sweep(JdbcClient.StatementSpec statement) {
        int deleted;
        do {
            deleted = statement.update();
        } while (deleted == SWEPT_AT_ONCE);
    }

    private static String shown(String text) {
        return SessionKey.shown(text);
    }

    private static @Nullable String plain(@Nullable BigDecimal amount) {
        return amount == null ? null : amount.toPlainString();
    }

    private static @Nullable String[] texts(
            List<? extends BudgetEntry> entries, Function<BudgetEntry, @Nullable String> text) {
        return entries.stream().map(text).toArray(String[]::new);
    }
}
