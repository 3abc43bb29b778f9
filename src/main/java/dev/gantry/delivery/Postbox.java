package dev.gantry.delivery;

import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.ShortConnections;

import java.util.List;

import javax.sql.DataSource;

/**
 * Takes records of those who have a database but no broker, such as an operator's command; workers
 * publish them.
 */
public final class Postbox {
    private final SpoolTable table;

    public Postbox(DataSource dataSource, SchemaName schema) {
        this.table = new SpoolTable(new ShortConnections(dataSource), schema, "postbox");
    }

    /**
     * All or none of them.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not take them
     */
    public void put(List<OutboundRecord> records) {
        table.write(records.stream().map(each -> new SpoolEntry(each, null)).toList(), List.of());
    }

    /** Leaves an operator's action to be audited. */
    public void put(OperatorAct act, Origin origin, TopicSettings topics) {
        Envelope.EventMark mark =
                new Envelope.EventMark(OperatorAct.TYPE, act.id(), act.at(), act.at());
        put(
                List.of(
                        Envelope.about(Envelope.source(origin), act.target())
                                .seal(topics.audit(), mark, new LaneBody(origin).of(act))));
    }
}
