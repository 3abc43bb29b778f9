package dev.gantry.fleet;

import org.springframework.jdbc.core.simple.JdbcClient;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import javax.sql.DataSource;

/** Reads what the workers record of their lanes; needs no running worker. */
public final class RecordedLanes {
    /** A row is asked as JSON: the column is missing where only the release before has migrated. */
    private static final String ALL =
            """
            select to_jsonb(w) ->> 'lanes' as lanes,
                   w.last_seen >= clock_timestamp() - make_interval(secs => :seconds) as alive
            from ${schema}.worker w
            """;

    private final JdbcClient jdbc;
    private final SchemaName schema;

    public RecordedLanes(DataSource dataSource, SchemaName schema) {
        this.jdbc = JdbcClient.create(dataSource);
        this.schema = schema;
    }

    /**
     * Every lane of a worker that lives, or died less than an hour ago; by their ids.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public Collection<RecordedLane> read() {
        var lanes = new TreeMap<String, RecordedLane>();
        jdbc.sql(schema.in(ALL))
                .param("seconds", WorkerTable.DEAD_AFTER.toSeconds())
                .query(
                        (row, _) -> {
                            String json = row.getString("lanes");
                            return json == null
                                    ? List.<RecordedLane>of()
                                    : RecordedLane.read(json, row.getBoolean("alive"));
                        })
                .list()
                .forEach(
                        each ->
                                each.forEach(
                                        lane ->
                                                lanes.merge(
                                                        lane.lane(), lane, RecordedLane::plus)));
        return List.copyOf(lanes.values());
    }

    /**
     * The models that living workers have lanes for, by {@code provider:instance}.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public Map<String, List<String>> models() {
        Map<String, List<String>> models = new TreeMap<>();
        for (RecordedLane each : read()) {
            String[] id = each.lane().split(":", 5); // colons may stand in the model
            if (each.workers() > 0 && id.length == 5) {
                models.computeIfAbsent(id[1] + ":" + id[2], _ -> new ArrayList<>()).add(id[4]);
            }
        }
        return models;
    }
}
