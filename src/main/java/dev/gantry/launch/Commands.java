package dev.gantry.launch;

import dev.gantry.cli.CommandLine;
import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.UsageException;
import dev.gantry.cli.batch.BrokerAccess;
import dev.gantry.cli.batch.CollectCommand;
import dev.gantry.cli.batch.ExportCommand;
import dev.gantry.cli.batch.SubmitCommand;
import dev.gantry.cli.explain.ExplainCommand;
import dev.gantry.cli.operator.LanesCommand;
import dev.gantry.cli.operator.SpoolCommand;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.explain.Explainer;
import dev.gantry.fleet.RecordedLanes;
import dev.gantry.memory.Exhaustion;
import dev.gantry.request.RequestTopics;
import dev.gantry.simulator.SimulatorRun;
import dev.gantry.simulator.SimulatorSettings;
import dev.gantry.simulator.script.ScriptException;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.DataAccessException;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** Finds the command that the first argument names and runs it. */
public final class Commands {
    private static final int TROUBLE = 1;
    private static final int USAGE = 2;

    /** No code that a process can end with. */
    static final int GOES_ON = -1;

    /** Of these no Spring context is made. */
    private static final Set<String> WITHOUT_CONTEXT =
            Set.of("explain", "lanes", "migrate", "spool");

    private Commands() {}

    /** Runs to the command's end; a worker goes on after this has returned. */
    public static void run(String[] args) {
        if (args.length > 0 && WITHOUT_CONTEXT.contains(args[0])) {
            SilentStart.logNothing();
        }
        int code = ask(List.of(args), Terminal.ofProcess());
        if (code == GOES_ON) {
            work(args.length > 0 && args[0].equals("work") ? 1 : 0, args);
        } else {
            Shutdown.exit(code);
        }
    }

    /**
     * Runs a command; whatever happens, a person reads a sentence.
     *
     * @return its exit code, or {@link #GOES_ON} where a worker is asked for in the right way
     */
    static int ask(List<String> args, Terminal terminal) {
        boolean named = !args.isEmpty() && !CommandLine.isProperty(args.getFirst());
        String command = named ? args.getFirst() : "work";
        List<String> rest = named ? args.subList(1, args.size()) : args;
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_, e) -> terminal.note(trouble(command, e)));
        try {
            int code = obey(command, rest, terminal);
            return code == GOES_ON ? code : terminal.conclude(code);
        } catch (UsageException e) {
            terminal.note(String.valueOf(e.getMessage()));
            terminal.explain("\n" + e.usage());
            return USAGE;
        } catch (SilentStart.Failed e) {
            terminal.explain(String.valueOf(e.getMessage()));
            return e.code();
        } catch (RuntimeException | Error e) {
            terminal.note(trouble(command, e));
            return TROUBLE;
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    private static int obey(String command, List<String> rest, Terminal on) {
        if (rest.contains("--help") && !command.startsWith("-")) {
            return help(List.of(command), on);
        }
        return switch (command) {
            case "work" -> {
                if (rest.contains("--version")) {
                    yield version(on);
                }
                Help.WORK.parseProperties(rest);
                yield GOES_ON;
            }
            case "submit", "collect" -> batch(command, rest, on);
            case "export" -> export(rest, on);
            case "explain" -> explain(rest, on);
            case "lanes" -> lanes(rest, on);
            case "spool" -> spool(rest, on);
            case "migrate" -> migrate(rest);
            case "simulate" -> simulate(rest, on);
            case "help", "--help", "-h" -> help(rest, on);
            case "version", "--version", "-V" -> version(on);
            default -> throw Help.unknown(command);
        };
    }

    private static String trouble(String command, Throwable trouble) {
        return trouble instanceof OutOfMemoryError
                ? command + ": out of memory; java -Xmx… gives it more"
                : command + ": " + SilentStart.why(trouble);
    }

    private static int help(List<String> commands, Terminal terminal) {
        terminal.answer(Help.of(commands));
        return 0;
    }

    private static int version(Terminal terminal) {
        terminal.answer(Help.version());
        return 0;
    }

    private static void work(int skipped, String[] args) {
        AtomicReference<@Nullable ConfigurableApplicationContext> context = new AtomicReference<>();
        AtomicReference<@Nullable ConfigurableApplicationContext> started = new AtomicReference<>();
        Shutdown.closeOnSignal(context);
        ReloadSignal.listen(started);
        Lz4.prepare();
        Exhaustion.arm();
        try {
            started.set(
                    SilentStart.run(
                            worker().initializers(context::set, ExhaustionWatch::attach),
                            Arrays.copyOfRange(args, skipped, args.length)));
        } catch (SilentStart.Failed e) {
            Terminal.ofProcess().explain(String.valueOf(e.getMessage()));
            Shutdown.exit(e.code());
        }
    }

    /** Starts a worker in this process; closing the context stops it in good order. */
    public static ConfigurableApplicationContext startWorker(List<String> args) {
        return SilentStart.run(worker(), args.toArray(String[]::new));
    }

    private static SpringApplicationBuilder worker() {
        return SilentStart.of(WorkConfiguration.class, StartChecks.Of.WORKER);
    }

    private static int batch(String command, List<String> args, Terminal terminal) {
        boolean submits = command.equals("submit");
        Lz4.prepare();
        if (submits) {
            SubmitCommand submit = SubmitCommand.parse(args);
            return withBroker(
                    args,
                    (broker, stop) -> submit.run(broker, terminal, stop, InstantSource.system()));
        }
        CollectCommand collect = CollectCommand.parse(args);
        return withBroker(
                args,
                (broker, stop) -> collect.run(broker, terminal, stop, InstantSource.system()));
    }

    private interface BrokerWork {
        int run(BrokerAccess broker, StopSignal stop);
    }

    private static int withBroker(List<String> args, BrokerWork work) {
        try (ConfigurableApplicationContext context =
                quiet(BatchConfiguration.class, StartChecks.Of.BROKER, args)) {
            BrokerAccess broker = context.getBean(BrokerAccess.class);
            return StopSignal.guard(stop -> work.run(broker, stop));
        }
    }

    private static int export(List<String> args, Terminal terminal) {
        ExportCommand command = ExportCommand.parse(args);
        Lz4.prepare();
        try (ConfigurableApplicationContext context =
                quiet(BatchConfiguration.class, StartChecks.Of.BROKER, args)) {
            Map<String, String> topics = context.getBean(GantrySettings.class).topics().byPurpose();
            BrokerAccess broker = context.getBean(BrokerAccess.class);
            return StopSignal.guard(
                    stop -> command.run(broker, topics, terminal, stop, InstantSource.system()));
        }
    }

    private static int explain(List<String> args, Terminal terminal) {
        ExplainCommand command = ExplainCommand.parse(args);
        try (DatabaseParts parts = DatabaseParts.of(args)) {
            GantrySettings settings = parts.settings();
            LaneCatalog catalog =
                    recorded(LaneCatalog.assumingLists(settings), parts.recordedLanes());
            var means =
                    new ExplainCommand.Means(
                            (command.assumesKeys() ? catalog.assumingKeys() : catalog).snapshot(),
                            catalog.discoveringProviders(),
                            new Explainer.Source(
                                    settings.worker().requestLimits(),
                                    new RequestTopics(settings.sources()),
                                    settings.usualTopic()),
                            parts.circuits(),
                            InstantSource.system());
            return command.run(means, System.in, terminal);
        }
    }

    /** Where the database does not answer, that is told of the circuits. */
    private static LaneCatalog recorded(LaneCatalog assumed, RecordedLanes lanes) {
        if (assumed.discovering().isEmpty()) {
            return assumed;
        }
        try {
            return assumed.asRecorded(lanes.models());
        } catch (DataAccessException _) {
            return assumed;
        }
    }

    private static int lanes(List<String> args, Terminal terminal) {
        LanesCommand command = LanesCommand.parse(args);
        try (DatabaseParts parts = DatabaseParts.of(args)) {
            return command.run(parts.lanes(), terminal);
        }
    }

    private static int spool(List<String> args, Terminal terminal) {
        SpoolCommand command = SpoolCommand.parse(args);
        try (DatabaseParts parts = DatabaseParts.of(args)) {
            return command.run(parts.spool(), parts.at(), terminal);
        }
    }

    private static int migrate(List<String> args) {
        Help.MIGRATE.parseProperties(args);
        try (DatabaseParts parts = DatabaseParts.of(args)) {
            return parts.migration().run();
        }
    }

    /** A context that opens no port, and logs nothing: standard output belongs to the command. */
    private static ConfigurableApplicationContext quiet(
            Class<?> source, StartChecks.Of checks, List<String> args) {
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        try {
            return SilentStart.run(
                    SilentStart.of(source, checks)
                            .web(WebApplicationType.NONE)
                            .logStartupInfo(false)
                            .properties("logging.threshold.console=off"),
                    args.stream().filter(CommandLine::isProperty).toArray(String[]::new));
        } finally {
            System.setOut(out);
        }
    }

    private static int simulate(List<String> args, Terminal terminal) {
        try {
            SimulatorRun.run(SimulatorSettings.parse(args), System.out);
            return 0;
        } catch (ScriptException e) {
            terminal.note("simulate: " + e.getMessage());
            terminal.explain("\n" + SimulatorSettings.USAGE);
            return USAGE;
        } catch (IOException e) {
            terminal.note("simulate: " + e.getMessage());
            return TROUBLE;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
