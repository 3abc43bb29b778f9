package dev.gantry.outbox;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.memory.Exhaustion;

import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

/** Reads which requests the spool has seen to the end, and forgets them once offsets say so. */
public final class StoredCompletions implements CompletedOffsets, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StoredCompletions.class);

    /** The rows are few and harm nobody: one statement now and then clears them. */
    private static final Duration FORGET_EVERY = Duration.ofSeconds(5);

    private final CompletedTable table;
    private final Map<TopicPartition, Long> passed = new ConcurrentHashMap<>();
    private final BackgroundLoop loop;

    /** Whether the trouble has been logged; only the forgetting thread uses it. */
    private boolean troubled;

    public StoredCompletions(DataSource dataSource, SchemaName schema) {
        this(dataSource, schema, FORGET_EVERY);
    }

    StoredCompletions(DataSource dataSource, SchemaName schema, Duration forgetEvery) {
        this.table = new CompletedTable(dataSource, schema);
        this.loop = BackgroundLoop.every(forgetEvery, "gantry-forgetter", this::forget);
    }

    /** Begins to clear the table, which must exist. */
    public void start() {
        loop.start();
    }

    @Override
    public Map<TopicPartition, Map<Long, Long>> above(Map<TopicPartition, Long> watermarks) {
        return table.above(watermarks);
    }

    @Override
    public void remember(Map<TopicPartition, Map<Long, Long>> done) {
        table.remember(done);
    }

    @Override
    public void passed(Map<TopicPartition, Long> watermarks) {
        passed.putAll(watermarks);
    }

    /** The loop's top: what could not be forgotten is tried again, unless newer marks came. */
    private void forget() {
        Map<TopicPartition, Long> due = new HashMap<>(passed);
        if (due.isEmpty()) {
            return;
        }
        due.forEach(passed::remove);
        try {
            table.forget(due);
            troubled = false;
        } catch (Throwable e) {
            Exhaustion.check(e);
            due.forEach(passed::putIfAbsent);
            if (!troubled) {
                troubled = true;
                log.atLevel(SqlTrouble.of(e).level())
                        .addKeyValue("cause", SqlTrouble.sentence(e))
                        .log("positions of finished requests stay a while longer");
            }
        }
    }

    /** Clears what the last commits passed; the next owner clears what this misses. */
    @Override
    public void close() {
        loop.closeAfterAPass();
    }
}
