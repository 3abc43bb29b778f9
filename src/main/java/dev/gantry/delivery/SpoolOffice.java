package dev.gantry.delivery;

import dev.gantry.fleet.SchemaName;

import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

/** What operators do to the spool; needs no running worker. */
public final class SpoolOffice {
    private final SpoolTable table;
    private final TransactionTemplate transactions;
    private final TopicSettings topics;
    private final Origin origin;
    private final InstantSource clock;

    /**
     * @param topics where the audit goes
     * @param origin of what is published
     */
    public SpoolOffice(
            DataSource dataSource,
            SchemaName schema,
            TopicSettings topics,
            Origin origin,
            InstantSource clock) {
        this.clock = clock;
        this.table = new SpoolTable(dataSource, schema, origin.worker());
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
        this.topics = topics;
        this.origin = origin;
    }

    /**
     * A record that is gone for good.
     *
     * @param bytes of key, headers and value
     * @param age how long it stood there
     * @param setAside why it was not published
     */
    public record Dropped(long id, String topic, long bytes, Duration age, String setAside) {}

    /**
     * Deletes a record that was set aside, and tells the audit topic through the spool, in one
     * transaction.
     *
     * @return empty if none of that id is set aside
     */
    public Optional<Dropped> drop(long id, String reason, String actor) {
        return transactions.execute(
                _ -> {
                    Optional<Dropped> dropped = table.drop(id);
                    dropped.ifPresent(each -> tell(each, reason, actor));
                    return dropped;
                });
    }

    private void tell(Dropped dropped, String reason, String actor) {
        UUID act = UUID.randomUUID();
        OperatorDeed deed =
                new OperatorDeed(
                        act.toString(),
                        clock.instant(),
                        actor,
                        "spool:" + dropped.id(),
                        "drop",
                        null,
                        reason,
                        List.of());
        OutboundRecord record = Records.dropped(topics, origin, deed, dropped);
        table.write(List.of(new SpoolEntry(act, record, null)), List.of());
    }

    /** Counts what the spool holds and sets the counters right; returns both. */
    public Count recount() {
        return transactions.execute(_ -> table.recount());
    }

    /**
     * What there is, and what the counters lacked of it.
     *
     * @param missingRecords negative: they said too many
     * @param missingBytes likewise
     */
    public record Count(long records, long bytes, long missingRecords, long missingBytes) {}
}
