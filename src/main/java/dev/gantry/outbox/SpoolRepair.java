package dev.gantry.outbox;

import dev.gantry.event.DroppedRecord;
import dev.gantry.event.EventRecords;
import dev.gantry.event.Origin;
import dev.gantry.event.OutboundRecord;
import dev.gantry.event.TopicSettings;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.OperatorAct;

import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

/** What operators do to the spool; needs no running worker. */
public final class SpoolRepair {
    private final SpoolTable table;
    private final TransactionTemplate transactions;
    private final TopicSettings topics;
    private final Origin origin;
    private final InstantSource clock;

    /**
     * @param topics where the audit goes
     * @param origin of what is published
     */
    public SpoolRepair(
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
     * Deletes a record that was set aside, and tells the audit topic through the spool, in one
     * transaction.
     *
     * @return empty if none of that id is set aside
     */
    public Optional<DroppedRecord> drop(long id, String reason, String actor) {
        return transactions.execute(
                _ -> {
                    Optional<DroppedRecord> dropped = table.drop(id);
                    dropped.ifPresent(each -> tell(each, reason, actor));
                    return dropped;
                });
    }

    private void tell(DroppedRecord dropped, String reason, String actor) {
        UUID id = UUID.randomUUID();
        OperatorAct act =
                new OperatorAct(
                        id.toString(),
                        clock.instant(),
                        actor,
                        "spool:" + dropped.id(),
                        "drop",
                        null,
                        reason,
                        List.of());
        OutboundRecord record = EventRecords.dropped(topics, origin, act, dropped);
        table.write(List.of(new SpoolEntry(id, record, null)), List.of());
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
