package dev.gantry.quickstart;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;

/** What a worker stands on: a broker and a database inside this process, empty at each start. */
final class EmbeddedServices implements AutoCloseable {
    private static final Map<String, String> BROKER_SETTINGS =
            Map.of(
                    // A worker that died is noticed in 15 s, not in 45 s.
                    "group.consumer.min.session.timeout.ms",
                    "15000",
                    "group.consumer.session.timeout.ms",
                    "15000",
                    "group.initial.rebalance.delay.ms",
                    "0",
                    "offsets.topic.num.partitions",
                    "4",
                    "offsets.topic.replication.factor",
                    "1",
                    "transaction.state.log.replication.factor",
                    "1",
                    "transaction.state.log.min.isr",
                    "1",
                    "transaction.state.log.num.partitions",
                    "2");

    private final EmbeddedKafkaKraftBroker broker;
    private final EmbeddedPostgres database;

    private EmbeddedServices(EmbeddedKafkaKraftBroker broker, EmbeddedPostgres database) {
        this.broker = broker;
        this.database = database;
    }

    static EmbeddedServices start() throws IOException {
        var broker = new EmbeddedKafkaKraftBroker(1, 1);
        broker.brokerProperties(BROKER_SETTINGS);
        quietly(broker::afterPropertiesSet);
        try {
            return new EmbeddedServices(broker, EmbeddedPostgres.builder().start());
        } catch (IOException e) {
            broker.destroy();
            throw e;
        }
    }

    /** Formatting its storage, the broker talks to standard output past all logging. */
    private static void quietly(Runnable start) {
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, out.charset()));
        try {
            start.run();
        } finally {
            System.setOut(out);
        }
    }

    String bootstrapServers() {
        return broker.getBrokersAsString();
    }

    String databaseUrl() {
        return "jdbc:postgresql://localhost:" + database.getPort() + "/postgres";
    }

    @Override
    public void close() throws IOException {
        try {
            broker.destroy();
        } finally {
            database.close();
        }
    }
}
