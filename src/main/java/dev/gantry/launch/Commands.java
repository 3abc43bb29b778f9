package dev.gantry.launch;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.UsageException;
import dev.gantry.cli.batch.BrokerAccess;
import dev.gantry.cli.batch.CollectCommand;
import dev.gantry.cli.batch.SubmitCommand;
import dev.gantry.cli.explain.ExplainCommand;
import dev.gantry.cli.operator.LanesCommand;
import dev.gantry.cli.operator.SpoolCommand;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.config.catalog.StartNotices;
import dev.gantry.memory.Exhaustion;
import dev.gantry.outbox.SpoolAdmin;
import dev.gantry.secret.Scrubber;
import dev.gantry.simulator.SimulatorRun;
import dev.gantry.simulator.SimulatorSettings;
import dev.gantry.simulator.script.ScriptException;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Finds the command that the first argument names and runs it. */
public final class Commands {
    private static final int TROUBLE = 1;
    private static final int USAGE = 2;
    private static final PrintStream SILENT = new PrintStream(OutputStream.nullOutputStream());

    private static final String HELP =
            """
            usage: java -jar gantry.jar [COMMAND] [--spring-or-gantry.property=…]

              work       run a worker until SIGTERM (the default)
              submit     send a batch file and gather its results
              collect    gather the results of a batch submitted earlier
              explain    tell what would become of a batch file's lines, and what they may cost
              lanes      show the circuits of the fleet; open, deny or reset them
              migrate    run the database migrations and exit
              simulate   run the provider simulator alone
              spool      show what waits in the database for the broker; print oversize answers

            submit, collect, explain, lanes, simulate and spool take --help.\
            """;

    private Commands() {}

    /** Runs to the command's end; a worker goes on after this has returned. */
    public static void run(String[] args) {
        boolean named = args.length > 0 && !args[0].startsWith("--");
        String command = named ? args[0] : "work";
        List<String> rest = List.of(args).subList(named ? 1 : 0, args.length);
        switch (command) {
            case "work" -> work(rest);
            case "submit", "collect" -> tell(command, on -> batch(command, rest, on));
            case "explain" -> tell(command, on -> explain(rest, on));
            case "lanes" -> tell(command, on -> lanes(rest, on));
            case "spool" -> tell(command, on -> spool(rest, on));
            case "migrate" -> tell(command, on -> migrate(rest, on));
            case "simulate" -> tell(command, on -> simulate(rest, on));
            case "help" -> tell(command, on -> help(HELP, on));
            default ->
                    tell(
                            command,
                            on -> {
                                on.note("gantry: unknown command " + command);
                                on.explain(HELP);
                                return USAGE;
                            });
        }
    }

    private interface Deed {
        int on(Terminal terminal);
    }

    /** Runs a command and ends the process; whatever happens, a person reads a sentence. */
    private static void tell(String command, Deed deed) {
        Terminal terminal = Terminal.ofProcess();
        Thread.setDefaultUncaughtExceptionHandler((_, e) -> terminal.note(trouble(command, e)));
        int code;
        try {
            code = terminal.conclude(deed.on(terminal));
        } catch (UsageException e) {
            terminal.note(String.valueOf(e.getMessage()));
            terminal.explain("\n" + e.usage());
            code = USAGE;
        } catch (RuntimeException | Error e) {
            terminal.note(trouble(command, e));
            code = TROUBLE;
        }
        Shutdown.exit(code);
    }

    private static String trouble(String command, Throwable trouble) {
        return trouble instanceof OutOfMemoryError
                ? command + ": out of memory; java -Xmx… gives it more"
                : command + ": " + why(trouble);
    }

    private static int help(String text, Terminal terminal) {
        terminal.answer(text);
        return 0;
    }

    private static void work(List<String> args) {
        if (args.contains("--help")) {
            tell("work", on -> help(HELP, on));
        }
        try {
            AtomicReference<@Nullable ConfigurableApplicationContext> context =
                    new AtomicReference<>();
            AtomicReference<@Nullable ConfigurableApplicationContext> started =
                    new AtomicReference<>();
            Shutdown.closeOnSignal(context);
            ReloadSignal.listen(started);
            Lz4.prepare();
            Exhaustion.arm();
            started.set(
                    worker().initializers(context::set, ExhaustionWatch::attach)
                            .run(args.toArray(String[]::new)));
        } catch (RuntimeException _) {
            // Spring has said why.
            Shutdown.exit(TROUBLE);
        }
    }

    /** Starts a worker in this process; closing the context stops it in good order. */
    public static ConfigurableApplicationContext startWorker(List<String> args) {
        return worker().run(args.toArray(String[]::new));
    }

    private static SpringApplicationBuilder worker() {
        return new SpringApplicationBuilder(WorkConfiguration.class).registerShutdownHook(false);
    }

    private static int batch(String command, List<String> args, Terminal terminal) {
        boolean submits = command.equals("submit");
        if (args.contains("--help")) {
            return help(submits ? SubmitCommand.USAGE : CollectCommand.USAGE, terminal);
        }
        Lz4.prepare();
        if (submits) {
            SubmitCommand submit = SubmitCommand.parse(args);
            return withBroker(
                    args,
                    terminal,
                    (broker, stop) -> submit.run(broker, terminal, stop, InstantSource.system()));
        }
        CollectCommand collect = CollectCommand.parse(args);
        return withBroker(
                args,
                terminal,
                (broker, stop) -> collect.run(broker, terminal, stop, InstantSource.system()));
    }

    private interface BrokerWork {
        int run(BrokerAccess broker, StopSignal stop);
    }

    private static int withBroker(List<String> args, Terminal terminal, BrokerWork work) {
        try (ConfigurableApplicationContext context =
                quiet(BatchConfiguration.class, args, terminal)) {
            if (context == null) {
                return TROUBLE;
            }
            BrokerAccess broker = context.getBean(BrokerAccess.class);
            return StopSignal.guard(stop -> work.run(broker, stop));
        }
    }

    private static int explain(List<String> args, Terminal terminal) {
        if (args.contains("--help")) {
            return help(ExplainCommand.USAGE, terminal);
        }
        ExplainCommand command = ExplainCommand.parse(args);
        try (ConfigurableApplicationContext context =
                quiet(DatabaseConfiguration.class, args, terminal)) {
            if (context == null) {
                return TROUBLE;
            }
            GantrySettings settings = context.getBean(GantrySettings.class);
            LaneCatalog catalog = LaneCatalog.assumingLists(settings);
            StartNotices.assumed(catalog).forEach(each -> terminal.note("explain: " + each));
            var means =
                    new ExplainCommand.Means(
                            (command.assumesKeys() ? catalog.assumingKeys() : catalog).snapshot(),
                            settings.worker().requestLimits(),
                            context.getBean(CircuitAdmin.class),
                            InstantSource.system());
            return command.run(means, System.in, terminal);
        }
    }

    private static int lanes(List<String> args, Terminal terminal) {
        if (args.contains("--help")) {
            return help(LanesCommand.USAGE, terminal);
        }
        LanesCommand command = LanesCommand.parse(args);
        try (ConfigurableApplicationContext context =
                quiet(DatabaseConfiguration.class, args, terminal)) {
            return context == null
                    ? TROUBLE
                    : command.run(context.getBean(LanesCommand.Means.class), terminal);
        }
    }

    private static int spool(List<String> args, Terminal terminal) {
        if (args.contains("--help")) {
            return help(SpoolCommand.USAGE, terminal);
        }
        SpoolCommand command = SpoolCommand.parse(args);
        try (ConfigurableApplicationContext context =
                quiet(DatabaseConfiguration.class, args, terminal)) {
            return context == null
                    ? TROUBLE
                    : command.run(
                            context.getBean(SpoolAdmin.class),
                            context.getBean(LanesCommand.Means.class).at(),
                            terminal);
        }
    }

    private static int migrate(List<String> args, Terminal terminal) {
        try (ConfigurableApplicationContext context =
                quiet(DatabaseConfiguration.class, args, terminal)) {
            return context == null ? TROUBLE : context.getBean(Migration.class).run();
        }
    }

    /**
     * A context that opens no port, and logs nothing: standard output belongs to the command.
     *
     * @return null if it cannot be made; standard error then says why
     */
    private static @Nullable ConfigurableApplicationContext quiet(
            Class<?> source, List<String> args, Terminal terminal) {
        String[] options = args.stream().filter(Commands::isProperty).toArray(String[]::new);
        PrintStream out = System.out;
        PrintStream err = System.err;
        // A setting that is wrong early on makes Spring print a stack trace past its own log.
        System.setOut(SILENT);
        System.setErr(SILENT);
        try {
            return new SpringApplicationBuilder(source)
                    .web(WebApplicationType.NONE)
                    .registerShutdownHook(false)
                    .logStartupInfo(false)
                    .properties("logging.threshold.console=off")
                    .run(options);
        } catch (RuntimeException e) {
            terminal.explain("gantry: " + why(e));
            return null;
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** What is wrong in the settings; else what the trouble began with. */
    private static String why(Throwable trouble) {
        Throwable cause = trouble.getCause();
        if (cause != null && !(trouble instanceof WrongSettingsException)) {
            return why(cause);
        }
        String message = trouble.getMessage();
        return message == null ? trouble.getClass().getSimpleName() : Scrubber.masked(message);
    }

    private static boolean isProperty(String argument) {
        int equals = argument.indexOf('=');
        return argument.startsWith("--")
                && argument.substring(0, Math.max(0, equals)).contains(".");
    }

    private static int simulate(List<String> args, Terminal terminal) {
        if (args.contains("--help")) {
            return help(SimulatorSettings.USAGE, terminal);
        }
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
