package dev.gantry.outbox;

import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.ShortConnections;

import org.apache.kafka.common.TopicPartition;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.util.HashMap;
import java.util.Map;

import javax.sql.DataSource;

/** The table of requests that are finished, whatever the group's offsets say: their positions. */
final class CompletedTable {
    private static final String ABOVE =
            """
            select done.topic, done.part, done.position, done.stamp
            from ${schema}.spool_done done
            join unnest(:topics, :parts, :marks) as asked (topic, part, mark)
                on done.topic = asked.topic and done.part = asked.part
                and done.position >= asked.mark
            """;

    private static final String REMEMBER =
            """
            insert into ${schema}.spool_done (topic, part, position, stamp)
            select * from unnest(:topics, :parts, :positions, :stamps)
            on conflict (topic, part, position) do update set stamp = excluded.stamp
            """;

    private static final String FORGET =
            """
            delete from ${schema}.spool_done done
            using unnest(:topics, :parts, :marks) as passed (topic, part, mark)
            where done.topic = passed.topic and done.part = passed.part
                and done.position < passed.mark
            """;

    private final JdbcClient jdbc;
    private final SchemaName schema;

    CompletedTable(DataSource dataSource, SchemaName schema) {
        this.jdbc = JdbcClient.create(new ShortConnections(dataSource));
        this.schema = schema;
    }

    Map<TopicPartition, Map<Long, Long>> above(Map<TopicPartition, Long> watermarks) {
        Map<TopicPartition, Map<Long, Long>> stamps = new HashMap<>();
        with(ABOVE, watermarks)
                .query(
                        row -> {
                            stamps.computeIfAbsent(
                                            new TopicPartition(
                                                    row.getString("topic"), row.getInt("part")),
                                            _ -> new HashMap<>())
                                    .put(row.getLong("position"), row.getLong("stamp"));
                        });
        return stamps;
    }

    void remember(Map<TopicPartition, Map<Long, Long>> done) {
        int size = done.values().stream().mapToInt(Map::size).sum();
        String[] topics = new String[size];
        Integer[] parts = new Integer[size];
        Long[] positions = new Long[size];
        Long[] stamps = new Long[size];
        int next = 0;
        for (Map.Entry<TopicPartition, Map<Long, Long>> each : done.entrySet()) {
            for (Map.Entry<Long, Long> row : each.getValue().entrySet()) {
                topics[next] = each.getKey().topic();
                parts[next] = each.getKey().partition();
                positions[next] = row.getKey();
                stamps[next++] = row.getValue();
            }
        }
        jdbc.sql(schema.in(REMEMBER))
                .param("topics", topics)
                .param("parts", parts)
                .param("positions", positions)
                .param("stamps", stamps)
                .update();
    }

    /** Deletes what lies below the watermarks. */
    int forget(Map<TopicPartition, Long> watermarks) {
        return with(FORGET, watermarks).update();
    }

    private JdbcClient.StatementSpec with(String sql, Map<TopicPartition, Long> watermarks) {
        String[] topics = new String[watermarks.size()];
        Integer[] parts = new Integer[topics.length];
        Long[] marks = new Long[topics.length];
        int next = 0;
        for (Map.Entry<TopicPartition, Long> each : watermarks.entrySet()) {
            topics[next] = each.getKey().topic();
            parts[next] = each.getKey().partition();
            marks[next++] = each.getValue();
        }
        return jdbc.sql(schema.in(sql))
                .param("topics", topics)
                .param("parts", parts)
                .param("marks", marks);
    }
}
