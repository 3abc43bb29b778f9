package dev.gantry.limit;

import dev.gantry.fleet.SchemaName;

import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.util.List;

import javax.sql.DataSource;

/** Reads the limits that the fleet keeps; needs no running worker. */
public final class RecordedLimits {
    private static final String ALL =
            """
            select q.scope, q.dimension, q."limit", q.source,
                   (select count(*) from ${schema}.quota_share s where s.scope = q.scope)
            from ${schema}.quota q
            where q.reset_at is null or q.reset_at > clock_timestamp()
            order by q.scope, q.dimension
            """;

    private final JdbcClient jdbc;
    private final SchemaName schema;

    /**
     * One of them.
     *
     * @param scope provider:instance, or a lane without its tier
     * @param dimension as the configuration has it
     * @param limit a minute's, or calls at once
     * @param source configured, header or learnt
     * @param sharers workers that have a share of the scope
     */
    public record Row(String scope, String dimension, double limit, String source, int sharers) {}

    public RecordedLimits(DataSource dataSource, SchemaName schema) {
        this.jdbc = JdbcClient.create(dataSource);
        this.schema = schema;
    }

    /**
     * In the order of their scopes; none where only the release before has migrated.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public List<Row> read() {
        try {
            return jdbc.sql(schema.in(ALL))
                    .query(
                            (row, _) ->
                                    new Row(
                                            row.getString(1),
                                            row.getString(2),
                                            row.getDouble(3),
                                            row.getString(4),
                                            row.getInt(5)))
                    .list();
        } catch (BadSqlGrammarException _) {
            return List.of();
        }
    }
}
