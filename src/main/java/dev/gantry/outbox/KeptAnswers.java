package dev.gantry.outbox;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.event.OutboundRecord;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.memory.Exhaustion;

import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataIntegrityViolationException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

import javax.sql.DataSource;

/** Keeps answers too large for the broker in PostgreSQL, for seven days. */
public final class KeptAnswers implements AnswerStore, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KeptAnswers.class);

    static final Duration KEPT_FOR = Duration.ofDays(7);
    private static final Duration SWEEP_EVERY = Duration.ofHours(1);

    /** Small, for each row may be megabytes: no statement holds many locks for long. */
    private static final int SWEEP_BATCH = 20;

    private final OversizeTable table;
    private final BackgroundLoop loop =
            BackgroundLoop.every(SWEEP_EVERY, "gantry-sweeper", this::sweep);

    public KeptAnswers(DataSource dataSource, SchemaName schema) {
        this.table = new OversizeTable(dataSource, schema);
    }

    /** Begins to delete what has expired; the table must exist. */
    public void start() {
        loop.start();
    }

    @Override
    public boolean keep(String id, String requestId, OutboundRecord result) {
        try {
            byte[] value = Objects.requireNonNull(result.value(), "a result has a value");
            table.keep(id, requestId, headers(result.headers()), value);
            return true;
        } catch (DataIntegrityViolationException e) {
            log.atError()
                    .addKeyValue("id", id)
                    .addKeyValue("cause", e.getClass().getSimpleName())
                    .log("the database refuses an answer for ever");
            return false;
        }
    }

    /** Names and values, each with its length before it; -1 for no value. */
    private static byte[] headers(List<Header> headers) {
        int size = 0;
        for (Header header : headers) {
            size += 2 * Integer.BYTES + name(header).length;
            size += header.value() == null ? 0 : header.value().length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size);
        for (Header header : headers) {
            byte[] name = name(header);
            bytes.putInt(name.length).put(name);
            if (header.value() == null) {
                bytes.putInt(-1);
            } else {
                bytes.putInt(header.value().length).put(header.value());
            }
        }
        return bytes.array();
    }

    private static byte[] name(Header header) {
        return header.key().getBytes(StandardCharsets.UTF_8);
    }

    /** The loop's top: whatever happens, the next sweep is tried. */
    private void sweep() {
        try {
            int expired = expire(KEPT_FOR);
            if (expired > 0) {
                log.atInfo().addKeyValue("answers", expired).log("kept answers have expired");
            }
        } catch (Throwable e) {
            Exhaustion.check(e);
            log.atLevel(SqlTrouble.of(e).level())
                    .addKeyValue("cause", SqlTrouble.sentence(e))
                    .log("expired answers stay for another hour");
        }
    }

    /** Deletes what is older, batch by batch; returns how many there were. */
    int expire(Duration age) {
        int all = 0;
        int batch = SWEEP_BATCH;
        while (batch == SWEEP_BATCH && !loop.closed()) {
            batch = table.expire(age, SWEEP_BATCH);
            all += batch;
        }
        return all;
    }

    @Override
    public void close() {
        loop.close();
    }
}
