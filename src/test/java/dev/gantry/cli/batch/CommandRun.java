package dev.gantry.cli.batch;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.explain.ExplainCommand;
import dev.gantry.cli.operator.LanesCommand;
import dev.gantry.cli.operator.SpoolCommand;
import dev.gantry.outbox.SpoolAdmin;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * What a command came to.
 *
 * @param out standard output
 * @param err standard error
 */
public record CommandRun(int code, String out, String err) {
    static CommandRun submit(BrokerAccess broker, StopSignal stop, Object... args) {
        var command = SubmitCommand.parse(texts(args));
        return run(terminal -> command.run(broker, terminal, stop, InstantSource.system()));
    }

    static CommandRun submit(BrokerAccess broker, Object... args) {
        return submit(broker, new StopSignal(), args);
    }

    static CommandRun collect(BrokerAccess broker, Object... args) {
        return collect(broker, new StopSignal(), args);
    }

    static CommandRun collect(BrokerAccess broker, StopSignal stop, Object... args) {
        var command = CollectCommand.parse(texts(args));
        return run(terminal -> command.run(broker, terminal, stop, InstantSource.system()));
    }

    public static CommandRun export(
            BrokerAccess broker,
            Map<String, String> topics,
            StopSignal stop,
            InstantSource clock,
            Object... args) {
        var command = ExportCommand.parse(texts(args));
        return run(terminal -> command.run(broker, topics, terminal, stop, clock));
    }

    public static CommandRun lanes(LanesCommand.Means means, Object... args) {
        var command = LanesCommand.parse(texts(args));
        return run(terminal -> command.run(means, terminal));
    }

    public static CommandRun explain(ExplainCommand.Means means, String input, Object... args) {
        var command = ExplainCommand.parse(texts(args));
        byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
        return run(terminal -> command.run(means, new ByteArrayInputStream(bytes), terminal));
    }

    public static CommandRun spool(SpoolAdmin desk, Object... args) {
        var command = SpoolCommand.parse(texts(args));
        return run(terminal -> command.run(desk, "schema s at jdbc:x", terminal));
    }

    /** Topics of its own on the shared broker. */
    static BrokerAccess broker() throws InterruptedException {
        BrokerAccess broker = brokerWithoutTopics();
        try (Admin admin = broker.openAdmin()) {
            Topic.make(
                    admin,
                    List.of(
                            new NewTopic(broker.requests(), Optional.of(3), Optional.empty()),
                            new NewTopic(broker.results(), Optional.of(3), Optional.empty())));
        } catch (ExecutionException e) {
            throw new IllegalStateException("topics were not created", e);
        }
        return broker;
    }

    /** An address at which nobody listens. */
    public static BrokerAccess nowhere() {
        Map<String, Object> client = Map.of("bootstrap.servers", "127.0.0.1:1");
        return new BrokerAccess(
                client,
                client,
                client,
                "requests",
                List.of("requests", "urgent"),
                "results",
                "metering",
                "routing",
                "group");
    }

    public static BrokerAccess brokerWithoutTopics() {
        Map<String, Object> client = Map.of("bootstrap.servers", SharedBroker.bootstrapServers());
        return new BrokerAccess(
                client,
                client,
                client,
                SharedBroker.unique("requests"),
                List.of(),
                SharedBroker.unique("results"),
                SharedBroker.unique("metering"),
                SharedBroker.unique("routing"),
                SharedBroker.unique("group"));
    }

    private interface Command {
        int run(Terminal terminal);
    }

    private static CommandRun run(Command command) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code =
                command.run(
                        Terminal.plain(
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8)));
        return new CommandRun(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static List<String> texts(Object... args) {
        return List.of(args).stream().map(Object::toString).toList();
    }
}
