package dev.gantry.circuit.table;

import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.OperatorAct;

import org.springframework.jdbc.core.simple.JdbcClient;

import java.util.Collection;
import java.util.List;

/** Operators' acts that are still to be told; each method is one statement. */
final class ActTable {
    /** Of a worker that publishes: outlives a slow broker, and a dead worker's ends soon. */
    static final int CLAIM_SECONDS = 30;

    private static final int MOST = 50;

    private static final String CLAIM =
            """
            update ${schema}.operator_act
            set teller = :teller, claimed_until = clock_timestamp() + make_interval(secs => :claim)
            where id in (
                select id from ${schema}.operator_act
                where claimed_until is null or claimed_until < clock_timestamp()
                order by at, id
                limit :most
                for update skip locked)
            returning *
            """;

    private static final String RENEW =
            """
            update ${schema}.operator_act
            set claimed_until = clock_timestamp() + make_interval(secs => :claim)
            where id in (:ids) and teller = :teller
            """;

    private static final String FORGET = "delete from ${schema}.operator_act where id in (:ids)";

    private final JdbcClient jdbc;
    private final SchemaName schema;

    ActTable(JdbcClient jdbc, SchemaName schema) {
        this.jdbc = jdbc;
        this.schema = schema;
    }

    /** Takes what nobody is telling, oldest first. */
    List<OperatorAct> claim(String teller) {
        return jdbc.sql(schema.in(CLAIM))
                .param("teller", teller)
                .param("claim", CLAIM_SECONDS)
                .param("most", MOST)
                .query((row, _) -> ActRows.read(row))
                .list();
    }

    void renew(Collection<String> ids, String teller) {
        jdbc.sql(schema.in(RENEW))
                .param("ids", ids)
                .param("teller", teller)
                .param("claim", CLAIM_SECONDS)
                .update();
    }

    void forget(Collection<String> ids) {
        jdbc.sql(schema.in(FORGET)).param("ids", ids).update();
    }
}
