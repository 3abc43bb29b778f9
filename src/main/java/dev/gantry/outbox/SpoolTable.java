package dev.gantry.outbox;

import dev.gantry.event.DroppedRecord;
import dev.gantry.event.OutboundRecord;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.SourcePosition;

import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.nio.BufferUnderflowException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

/** The tables of the spool. */
final class SpoolTable {
    private static final int SHARDS = 32;
    private static final int LONGEST_REASON = 1000;

    private final JdbcClient jdbc;
    private final SchemaName schema;
    private final int shard;

    /**
     * @param writer chooses the row that counts what is written here
     */
    SpoolTable(DataSource dataSource, SchemaName schema, String writer) {
        this.jdbc = JdbcClient.create(dataSource);
        this.schema = schema;
        this.shard = Math.floorMod(writer.hashCode(), SHARDS);
    }

    private static final String WRITE =
            """
            with kept as (
                insert into ${schema}.spool (ticket, topic, key, headers, value, bytes, set_aside)
                select * from unnest(
                    :tickets, :topics, :keys, :headers, :values, :sizes, :reasons)
                on conflict (ticket) do nothing
                returning bytes),
            done as (
                insert into ${schema}.spool_done (topic, part, position, stamp)
                select * from unnest(:doneTopics, :parts, :positions, :stamps)
                on conflict (topic, part, position) do update set stamp = excluded.stamp)
            update ${schema}.spool_size
            set records = records + (select count(*) from kept),
                bytes = bytes + (select coalesce(sum(kept.bytes), 0) from kept)
            where shard = :shard
            """;

    /**
     * All or none, in one statement. Written once, however often it is tried.
     *
     * @param done the requests that are complete with these records
     * @return the bytes written
     */
    long write(List<SpoolEntry> entries, Collection<SourcePosition> done) {
        int count = entries.size();
        UUID[] tickets = new UUID[count];
        String[] topics = new String[count];
        byte[] @Nullable [] keys = new byte[count][];
        byte[] @Nullable [] headers = new byte[count][];
        byte[] @Nullable [] values = new byte[count][];
        Integer[] sizes = new Integer[count];
        @Nullable String[] reasons = new String[count];
        long bytes = 0;
        for (int each = 0; each < count; each++) {
            OutboundRecord record = entries.get(each).record();
            tickets[each] = entries.get(each).ticket();
            topics[each] = record.topic();
            keys[each] = record.key();
            headers[each] = HeaderBytes.of(record.headers());
            values[each] = record.value();
            sizes[each] = length(keys[each]) + length(headers[each]) + length(values[each]);
            String reason = entries.get(each).setAside();
            reasons[each] = reason == null ? null : tidy(reason);
            bytes += sizes[each];
        }
        JdbcClient.StatementSpec write =
                jdbc.sql(schema.in(WRITE))
                        .param("tickets", tickets)
                        .param("topics", topics)
                        .param("keys", keys)
                        .param("headers", headers)
                        .param("values", values)
                        .param("sizes", sizes)
                        .param("reasons", reasons)
                        .param("shard", shard);
        withDone(write, done).update();
        return bytes;
    }

    /** A position twice in one statement would be refused by the database. */
    private static JdbcClient.StatementSpec withDone(
            JdbcClient.StatementSpec write, Collection<SourcePosition> done) {
        Map<List<Object>, SourcePosition> distinct = new HashMap<>();
        for (SourcePosition each : done) {
            distinct.put(List.of(each.topic(), each.partition(), each.offset()), each);
        }
        Collection<SourcePosition> rows = distinct.values();
        return write.param(
                        "doneTopics",
                        rows.stream().map(SourcePosition::topic).toArray(String[]::new))
                .param(
                        "parts",
                        rows.stream().map(SourcePosition::partition).toArray(Integer[]::new))
                .param("positions", rows.stream().map(SourcePosition::offset).toArray(Long[]::new))
                .param("stamps", rows.stream().map(SourcePosition::timestamp).toArray(Long[]::new));
    }

    /** From each topic to the next by the index, however many records a topic has. */
    private static final String FRONT =
            """
            with recursive next (topic, id, created_at) as (
                (select topic, id, created_at from ${schema}.spool
                 where set_aside is null order by topic, id limit 1)
                union all
                select found.topic, found.id, found.created_at
                from next cross join lateral (
                    select spool.topic, spool.id, spool.created_at from ${schema}.spool
                    where set_aside is null and spool.topic > next.topic
                    order by spool.topic, spool.id limit 1) found)
            select topic, id, extract(epoch from clock_timestamp() - created_at) * 1000 as age
            from next
            """;

    /** A topic's oldest record that is to be published. */
    record Head(String topic, long id, Duration age) {}

    /** The topics that have records to be published. */
    record Front(List<Head> heads) {
        /** Of the oldest record; zero: there is none. */
        Duration age() {
            return heads.stream().map(Head::age).max(Duration::compareTo).orElse(Duration.ZERO);
        }
    }

    /** Passes all that is deleted and still held by somebody's snapshot. */
    Front front() {
        return new Front(
                jdbc.sql(schema.in(FRONT))
                        .query(
                                (row, _) ->
                                        new Head(
                                                row.getString("topic"),
                                                row.getLong("id"),
                                                Duration.ofMillis(Math.max(0, row.getLong("age")))))
                        .list());
    }

    private static final String HOLD =
            """
            select id from ${schema}.spool
            where set_aside is null and topic = :topic and id > :after
            order by id limit 1 for update skip locked
            """;

    /**
     * Takes the topic's oldest record behind that id for the rest of the transaction, without
     * reading it; null: there is none that nobody else has.
     */
    @Nullable Long hold(String topic, long after) {
        return jdbc.sql(schema.in(HOLD))
                .param("topic", topic)
                .param("after", after)
                .query(Long.class)
                .optional()
                .orElse(null);
    }

    private static final String READ =
            "select id, topic, key, headers, value, bytes from ${schema}.spool where id = :id";

    /** A record that is held; none: it is gone. */
    List<SpoolEntry.Stored> read(long id) {
        return jdbc.sql(schema.in(READ)).param("id", id).query((row, _) -> stored(row)).list();
    }

    /** One record at least, however large. */
    private static final String TAKE =
            """
            with due as materialized (
                select id, bytes from ${schema}.spool
                where set_aside is null and topic = :topic and id > :after
                order by id limit :records for update skip locked),
            fitting as (
                select id from (
                    select id, sum(bytes) over (order by id) - bytes as before from due) summed
                where before < :bytes)
            select id, topic, key, headers, value, bytes from ${schema}.spool
            where id in (select id from fitting)
            order by id
            """;

    /**
     * Takes the topic's oldest records for the rest of the transaction; others pass them by.
     *
     * @param after the id behind which to look
     * @param bytes a bound for all but one
     */
    List<SpoolEntry.Stored> take(String topic, long after, int records, long bytes) {
        return jdbc.sql(schema.in(TAKE))
                .param("topic", topic)
                .param("after", after)
                .param("records", records)
                .param("bytes", bytes)
                .query((row, _) -> stored(row))
                .list();
    }

    private static SpoolEntry.Stored stored(ResultSet row) throws SQLException {
        List<Header> headers;
        try {
            headers = HeaderBytes.read(row.getBytes("headers"));
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            throw new SpoolLots.DamagedRow("its headers are damaged");
        }
        return new SpoolEntry.Stored(
                row.getLong("id"),
                row.getInt("bytes"),
                new OutboundRecord(
                        row.getString("topic"),
                        row.getBytes("key"),
                        headers,
                        row.getBytes("value")));
    }

    private static final String DELETE =
            """
            with gone as (
                delete from ${schema}.spool where id = any(:ids) returning bytes),
            summed as (select count(*) as records, coalesce(sum(bytes), 0) as bytes from gone)
            update ${schema}.spool_size
            set records = spool_size.records - summed.records,
                bytes = spool_size.bytes - summed.bytes
            from summed where shard = :shard
            """;

    void delete(Collection<Long> ids) {
        jdbc.sql(schema.in(DELETE))
                .param("ids", ids.toArray(Long[]::new))
                .param("shard", shard)
                .update();
    }

    private static final String SET_ASIDE =
            "update ${schema}.spool set set_aside = :reason where id = :id";

    void setAside(long id, String reason) {
        jdbc.sql(schema.in(SET_ASIDE)).param("id", id).param("reason", tidy(reason)).update();
    }

    /** A broker's words may hold what no text of PostgreSQL takes. */
    static String tidy(String reason) {
        StringBuilder kept = new StringBuilder();
        reason.codePoints()
                .limit(LONGEST_REASON)
                .map(each -> Character.isISOControl(each) || surrogate(each) ? ' ' : each)
                .forEach(kept::appendCodePoint);
        return kept.toString();
    }

    /** Half of a pair has no UTF-8. */
    private static boolean surrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }

    private static final String DROP =
            """
            with gone as (
                delete from ${schema}.spool where id = :id and set_aside is not null
                returning topic, bytes, set_aside,
                    extract(epoch from clock_timestamp() - created_at) * 1000 as age),
            counted as (
                update ${schema}.spool_size
                set records = spool_size.records - 1, bytes = spool_size.bytes - gone.bytes
                from gone where shard = :shard)
            select topic, bytes, set_aside, age from gone
            """;

    /** Deletes a record that was set aside; empty if none of that id is. */
    Optional<DroppedRecord> drop(long id) {
        return jdbc.sql(schema.in(DROP))
                .param("id", id)
                .param("shard", shard)
                .query(
                        (row, _) ->
                                new DroppedRecord(
                                        id,
                                        row.getString("topic"),
                                        row.getLong("bytes"),
                                        Duration.ofMillis(Math.max(0, row.getLong("age"))),
                                        row.getString("set_aside")))
                .optional();
    }

    /** One recount after the other: two would both add what is missing. */
    private static final String ALONE =
            "select pg_advisory_xact_lock(hashtextextended(:name, 0))::text";

    /**
     * Rows and counters change in one transaction, so one snapshot of both tells the drift, however
     * busy the spool is; it is added, not written over what others add.
     */
    private static final String RECOUNT =
            """
            with truth as (
                select count(*) as records, coalesce(sum(bytes), 0) as bytes
                from ${schema}.spool),
            drift as (
                select truth.records, truth.bytes,
                    truth.records - sum(size.records) as more_records,
                    truth.bytes - sum(size.bytes) as more_bytes
                from truth cross join ${schema}.spool_size as size
                group by truth.records, truth.bytes),
            mended as (
                update ${schema}.spool_size
                set records = spool_size.records + drift.more_records,
                    bytes = spool_size.bytes + drift.more_bytes
                from drift where shard = :shard)
            select * from drift
            """;

    /** In a transaction. */
    SpoolRepair.Count recount() {
        jdbc.sql(ALONE).param("name", "gantry.recount." + schema).query(String.class).single();
        return jdbc.sql(schema.in(RECOUNT))
                .param("shard", shard)
                .query(
                        (row, _) ->
                                new SpoolRepair.Count(
                                        row.getLong("records"),
                                        row.getLong("bytes"),
                                        row.getLong("more_records"),
                                        row.getLong("more_bytes")))
                .single();
    }

    private static final String SIZE =
            """
            select sum(records) as records, sum(bytes) as bytes,
                (select count(*) from ${schema}.spool where set_aside is not null) as aside
            from ${schema}.spool_size
            """;

    /**
     * @param age of the oldest record, which is known elsewhere
     */
    SpoolSize size(Duration age) {
        return jdbc.sql(schema.in(SIZE))
                .query(
                        (row, _) ->
                                new SpoolSize(
                                        row.getLong("records"),
                                        row.getLong("bytes"),
                                        age,
                                        row.getLong("aside")))
                .single();
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
