package dev.gantry.quickstart;

import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.Ports;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;

import org.apache.kafka.common.utils.Time;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Collectors;

/** What a worker stands on: a broker and a database inside this process, empty at each start. */
final class EmbeddedServices implements AutoCloseable {
    private final KafkaRaftServer broker;
    private final EmbeddedPostgres database;

    private EmbeddedServices(KafkaRaftServer broker, EmbeddedPostgres database) {
        this.broker = broker;
        this.database = database;
    }

    /** Returns once both answer. */
    static EmbeddedServices start(int brokerPort, int databasePort)
            throws IOException, SQLException {
        KafkaRaftServer broker = broker(brokerPort);
        try {
            return new EmbeddedServices(broker, database(databasePort));
        } catch (IOException | SQLException e) {
            broker.shutdown();
            throw e;
        }
    }

    private static KafkaRaftServer broker(int port) throws IOException {
        Path home = Files.createTempDirectory("gantry-quickstart");
        int controller = Ports.free();
        String own = "PLAINTEXT://localhost:" + port;
        Map<String, String> settings =
                Map.ofEntries(
                        Map.entry("process.roles", "broker,controller"),
                        Map.entry("node.id", "1"),
                        Map.entry("controller.quorum.voters", "1@localhost:" + controller),
                        Map.entry("listeners", own + ",CONTROLLER://localhost:" + controller),
                        Map.entry("advertised.listeners", own),
                        Map.entry("controller.listener.names", "CONTROLLER"),
                        Map.entry("inter.broker.listener.name", "PLAINTEXT"),
                        Map.entry("log.dirs", home.resolve("data").toString()),
                        Map.entry("offsets.topic.num.partitions", "4"),
                        Map.entry("offsets.topic.replication.factor", "1"),
                        Map.entry("transaction.state.log.replication.factor", "1"),
                        Map.entry("transaction.state.log.min.isr", "1"),
                        Map.entry("transaction.state.log.num.partitions", "2"),
                        Map.entry("group.initial.rebalance.delay.ms", "0"),
                        // A worker that died is noticed in 15 s, not in 45 s.
                        Map.entry("group.consumer.min.session.timeout.ms", "15000"),
                        Map.entry("group.consumer.session.timeout.ms", "15000"));
        format(home, settings);
        KafkaRaftServer broker = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
        broker.startup();
        return broker;
    }

    private static void format(Path home, Map<String, String> settings) throws IOException {
        Path file = home.resolve("server.properties");
        Files.writeString(
                file,
                settings.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue().replace("\\", "\\\\"))
                        .collect(Collectors.joining("\n")));
        String[] order = {"format", "-t", "AAAAAAAAQACAAAAAAAAAAA", "-c", file.toString()};
        PrintStream unheard =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        if (StorageTool.execute(order, unheard) != 0) {
            throw new IOException("the broker's directory cannot be made: " + home);
        }
    }

    /** Whoever comes is let in, without a password. */
    private static EmbeddedPostgres database(int port) throws IOException, SQLException {
        EmbeddedPostgres database =
                EmbeddedPostgres.builder()
                        .setPort(port)
                        .setPGStartupWait(DatabaseProcess.START_WITHIN)
                        .start();
        try (Connection connection = database.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE gantry LOGIN");
            statement.execute("CREATE DATABASE gantry OWNER gantry");
            return database;
        } catch (SQLException e) {
            database.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            broker.shutdown();
        } finally {
            database.close();
        }
    }
}
