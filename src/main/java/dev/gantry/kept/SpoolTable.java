package dev.gantry.kept;

import dev.gantry.delivery.OutboundRecord;
import dev.gantry.delivery.SpoolStore;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.SourcePosition;

import org.jspecify.annotations.Nullable;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

import javax.sql.DataSource;

/** The spool in PostgreSQL: arrays in and arrays out, whatever the number of records. */
public final class SpoolTable implements SpoolStore {
    /** Of the counters; a worker has one, and seldom shares it. */
    private static final int SLOTS = 64;

    private static final String KEEP =
            """
            insert into ${schema}.spool (topic, key, headers, value, bytes)
            select * from unnest(?::text[], ?::bytea[], ?::bytea[], ?::bytea[], ?::integer[])
            """;

    /** The clock of a request's record decides which one it is: the offset may be used again. */
    private static final String DONE =
            """
            insert into ${schema}.spool_done as done (topic, part, position, stamp)
            select distinct on (topic, part, position) topic, part, position, stamp
            from unnest(?::text[], ?::integer[], ?::bigint[], ?::bigint[])
                as passed (topic, part, position, stamp)
            order by topic, part, position
            on conflict (topic, part, position) do update set stamp = excluded.stamp
            """;

    /** Last in its transaction: nobody else waits for the slot longer than a commit takes. */
    private static final String COUNT =
            """
            insert into ${schema}.spool_depth as depth (slot, records, bytes) values (?, ?, ?)
            on conflict (slot) do update
                set records = depth.records + excluded.records, bytes = depth.bytes + excluded.bytes
            """;

    /** The first is taken however large it is. */
    private static final String CLAIM =
            """
            with due as (
                select id, bytes from ${schema}.spool
                where set_aside is null and topic <> all (?::text[])
                order by id limit ?
                for update skip locked
            ), fitting as (
                select id from (
                    select id, sum(bytes) over (order by id) - bytes as before from due) as summed
                where before < ?
            )
            select spool.id, topic, key, headers, value, bytes
            from ${schema}.spool join fitting using (id)
            order by spool.id
            """;

    private static final String DELETE = "delete from ${schema}.spool where id = any (?::bigint[])";

    private static final String SET_ASIDE =
            """
            update ${schema}.spool set set_aside = passed.reason
            from unnest(?::bigint[], ?::text[]) as passed (id, reason)
            where spool.id = passed.id
            """;

    private static final String DEPTH =
            """
            select coalesce(sum(records), 0)::bigint as records,
                coalesce(sum(bytes), 0)::bigint as bytes,
                (select extract(epoch from clock_timestamp() - created_at) * 1000
                    from ${schema}.spool where set_aside is null order by id limit 1) as age_ms,
                (select count(*) from ${schema}.spool where set_aside is not null) as aside
            from ${schema}.spool_depth
            """;

    private final SpoolConnections connections;
    private final SchemaName schema;
    private final int slot = ThreadLocalRandom.current().nextInt(SLOTS);

    public SpoolTable(DataSource dataSource, SchemaName schema) {
        this.connections = new SpoolConnections(dataSource);
        this.schema = schema;
    }

    @Override
    public void keep(List<Entry> entries) {
        connections.transact(
                connection -> {
                    long bytes = insert(connection, entries);
                    done(connection, entries);
                    count(connection, entries.size(), bytes);
                });
    }

    private long insert(Connection connection, List<Entry> entries) throws SQLException {
        int size = entries.size();
        String[] topics = new String[size];
        byte @Nullable [][] keys = new byte @Nullable [size][];
        byte[][] headers = new byte[size][];
        byte @Nullable [][] values = new byte @Nullable [size][];
        Integer[] bytes = new Integer[size];
        long sum = 0;
        for (int each = 0; each < size; each++) {
            OutboundRecord record = entries.get(each).record();
            topics[each] = record.topic();
            keys[each] = record.key();
            headers[each] = HeaderBytes.write(record.headers());
            values[each] = record.value();
            bytes[each] = length(keys[each]) + length(headers[each]) + length(values[each]);
            sum += bytes[each];
        }
        try (PreparedStatement statement = connection.prepareStatement(schema.in(KEEP))) {
            statement.setArray(1, connection.createArrayOf("text", topics));
            statement.setArray(2, connection.createArrayOf("bytea", keys));
            statement.setArray(3, connection.createArrayOf("bytea", headers));
            statement.setArray(4, connection.createArrayOf("bytea", values));
            statement.setArray(5, connection.createArrayOf("integer", bytes));
            statement.executeUpdate();
        }
        return sum;
    }

    private void done(Connection connection, List<Entry> entries) throws SQLException {
        List<SourcePosition> done = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.done() != null) {
                done.add(entry.done());
            }
        }
        if (done.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(schema.in(DONE))) {
            statement.setArray(1, array(connection, "text", done, SourcePosition::topic));
            statement.setArray(2, array(connection, "integer", done, SourcePosition::partition));
            statement.setArray(3, array(connection, "bigint", done, SourcePosition::offset));
            statement.setArray(4, array(connection, "bigint", done, SourcePosition::timestamp));
            statement.executeUpdate();
        }
    }

    private static Array array(
            Connection connection,
            String type,
            List<SourcePosition> done,
            Function<SourcePosition, Object> member)
            throws SQLException {
        return connection.createArrayOf(type, done.stream().map(member).toArray());
    }

    private void count(Connection connection, long records, long bytes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(schema.in(COUNT))) {
            statement.setInt(1, slot);
            statement.setLong(2, records);
            statement.setLong(3, bytes);
            statement.executeUpdate();
        }
    }

    @Override
    public Drained drain(Claim claim, Carrier carrier) throws InterruptedException {
        return connections.transactPatiently(
                connection -> {
                    Claimed claimed = claim(connection, claim);
                    if (claimed.records().isEmpty()) {
                        return new Drained(0, 0, 0);
                    }
                    return settle(connection, claimed, carrier.carry(claimed.records()));
                });
    }

    /**
     * Records taken out.
     *
     * @param bytes of each, as it was counted in
     */
    private record Claimed(Map<Long, OutboundRecord> records, Map<Long, Integer> bytes) {}

    private Claimed claim(Connection connection, Claim claim) throws SQLException {
        Claimed claimed = new Claimed(new LinkedHashMap<>(), new LinkedHashMap<>());
        try (PreparedStatement statement = connection.prepareStatement(schema.in(CLAIM))) {
            statement.setArray(1, connection.createArrayOf("text", claim.without().toArray()));
            statement.setInt(2, claim.records());
            statement.setLong(3, claim.bytes());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long id = row.getLong("id");
                    claimed.records().put(id, record(row));
                    claimed.bytes().put(id, row.getInt("bytes"));
                }
            }
        }
        return claimed;
    }

    private static OutboundRecord record(ResultSet row) throws SQLException {
        byte[] headers = row.getBytes("headers");
        return new OutboundRecord(
                row.getString("topic"),
                row.getBytes("key"),
                headers == null ? List.of() : HeaderBytes.read(headers),
                row.getBytes("value"));
    }

    private Drained settle(Connection connection, Claimed claimed, Map<Long, Fate> fates)
            throws SQLException {
        List<Long> published = new ArrayList<>();
        Map<Long, String> aside = new LinkedHashMap<>();
        long bytes = 0;
        for (Map.Entry<Long, Fate> each : fates.entrySet()) {
            bytes += claimed.bytes().getOrDefault(each.getKey(), 0);
            switch (each.getValue()) {
                case Fate.Published _ -> published.add(each.getKey());
                case Fate.SetAside(String reason) -> aside.put(each.getKey(), reason);
            }
        }
        delete(connection, published);
        setAside(connection, aside);
        if (!fates.isEmpty()) {
            count(connection, -fates.size(), -bytes);
        }
        return new Drained(claimed.records().size(), published.size(), aside.size());
    }

    private void delete(Connection connection, List<Long> ids) throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(schema.in(DELETE))) {
            statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            statement.executeUpdate();
        }
    }

    private void setAside(Connection connection, Map<Long, String> reasons) throws SQLException {
        if (reasons.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(schema.in(SET_ASIDE))) {
            statement.setArray(1, connection.createArrayOf("bigint", reasons.keySet().toArray()));
            statement.setArray(2, connection.createArrayOf("text", reasons.values().toArray()));
            statement.executeUpdate();
        }
    }

    @Override
    public Depth depth() {
        return connections.read(
                connection -> {
                    try (PreparedStatement statement =
                                    connection.prepareStatement(schema.in(DEPTH));
                            ResultSet row = statement.executeQuery()) {
                        row.next();
                        long age = row.getLong("age_ms");
                        Duration oldest = row.wasNull() ? null : Duration.ofMillis(age);
                        return new Depth(
                                row.getLong("records"),
                                row.getLong("bytes"),
                                oldest,
                                row.getLong("aside"));
                    }
                });
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
