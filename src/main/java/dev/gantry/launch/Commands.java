package dev.gantry.launch;

import dev.gantry.circuit.CircuitOffice;
import dev.gantry.cli.BrokerAccess;
import dev.gantry.cli.CollectCommand;
import dev.gantry.cli.LanesCommand;
import dev.gantry.cli.SpoolCommand;
import dev.gantry.cli.StopSignal;
import dev.gantry.cli.SubmitCommand;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.UsageException;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.kept.SpoolDesk;
import dev.gantry.secret.Scrubber;
import dev.gantry.simulator.ScriptException;
import dev.gantry.simulator.SimulatorRun;
import dev.gantry.simulator.SimulatorSettings;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Finds the command that the first argument names and runs it. */
public final class Commands {
    private static final int TROUBLE = 1;
    private static final int USAGE = 2;

    private static final String HELP =
            """
            usage: java -jar gantry.jar [COMMAND] [--spring-or-gantry.property=…]

              work       run a worker until SIGTERM (the default)
              submit     send a batch file and gather its results
              collect    gather the results of a batch submitted earlier
              lanes      show the circuits of the fleet; open, deny or reset them
              migrate    run the database migrations and exit
              simulate   run the provider simulator alone
              spool      show what waits in the database for the broker; print oversize answers

            submit, collect, lanes, simulate and spool take --help.\
            """;

    private Commands() {}

    /** Runs to the command's end; a worker goes on after this has returned. */
    public static void run(String[] args) {
        boolean named = args.length > 0 && !args[0].startsWith("--");
        String command = named ? args[0] : "work";
        List<String> rest = List.of(args).subList(named ? 1 : 0, args.length);
        switch (command) {
            case "work" -> work(rest);
            case "submit", "collect" -> Shutdown.exit(batch(command, rest));
            case "lanes" -> Shutdown.exit(lanes(rest));
            case "spool" -> Shutdown.exit(spool(rest));
            case "migrate" -> Shutdown.exit(migrate(rest));
            case "simulate" -> Shutdown.exit(simulate(rest));
            case "help" -> {
                System.out.println(HELP);
                Shutdown.exit(0);
            }
            default -> {
                System.err.println("gantry: unknown command " + command + "\n" + HELP);
                Shutdown.exit(USAGE);
            }
        }
    }

    private static void work(List<String> args) {
        if (args.contains("--help")) {
            System.out.println(HELP);
            Shutdown.exit(0);
        }
        try {
            AtomicReference<@Nullable ConfigurableApplicationContext> context =
                    new AtomicReference<>();
            Shutdown.closeOnSignal(context);
            var _ = worker().initializers(context::set).run(args.toArray(String[]::new));
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

    private static int batch(String command, List<String> args) {
        if (args.contains("--help")) {
            System.out.println(
                    command.equals("submit") ? SubmitCommand.USAGE : CollectCommand.USAGE);
            return 0;
        }
        Terminal terminal = Terminal.ofProcess();
        try {
            if (command.equals("submit")) {
                SubmitCommand submit = SubmitCommand.parse(args);
                return withBroker(
                        args,
                        (broker, stop) ->
                                submit.run(broker, terminal, stop, InstantSource.system()));
            }
            CollectCommand collect = CollectCommand.parse(args);
            return withBroker(
                    args,
                    (broker, stop) -> collect.run(broker, terminal, stop, InstantSource.system()));
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + e.usage());
            return USAGE;
        }
    }

    private interface BrokerWork {
        int run(BrokerAccess broker, StopSignal stop);
    }

    private static int withBroker(List<String> args, BrokerWork work) {
        try (ConfigurableApplicationContext context = quiet(BatchConfiguration.class, args)) {
            if (context == null) {
                return TROUBLE;
            }
            BrokerAccess broker = context.getBean(BrokerAccess.class);
            return StopSignal.guard(stop -> work.run(broker, stop));
        }
    }

    private static int lanes(List<String> args) {
        if (args.contains("--help")) {
            System.out.println(LanesCommand.USAGE);
            return 0;
        }
        try {
            LanesCommand command = LanesCommand.parse(args);
            try (ConfigurableApplicationContext context = quiet(LanesConfiguration.class, args)) {
                return context == null
                        ? TROUBLE
                        : command.run(
                                context.getBean(CircuitOffice.class),
                                LanesConfiguration.listed(context.getBean(GantrySettings.class)),
                                Terminal.ofProcess());
            }
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + e.usage());
            return USAGE;
        }
    }

    private static int spool(List<String> args) {
        if (args.contains("--help")) {
            System.out.println(SpoolCommand.USAGE);
            return 0;
        }
        try {
            SpoolCommand command = SpoolCommand.parse(args);
            try (ConfigurableApplicationContext context = quiet(SpoolConfiguration.class, args)) {
                return context == null
                        ? TROUBLE
                        : command.run(context.getBean(SpoolDesk.class), Terminal.ofProcess());
            }
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + e.usage());
            return USAGE;
        }
    }

    private static int migrate(List<String> args) {
        try (ConfigurableApplicationContext context = quiet(MigrateConfiguration.class, args)) {
            return context == null ? TROUBLE : context.getBean(Migration.class).run();
        } catch (RuntimeException e) {
            System.err.println("gantry: " + why(e));
            return TROUBLE;
        }
    }

    /**
     * A context that opens no port, and logs nothing: standard output belongs to the command.
     *
     * @return null if it cannot be made; standard error then says why
     */
    private static @Nullable ConfigurableApplicationContext quiet(
            Class<?> source, List<String> args) {
        String[] options = args.stream().filter(Commands::isProperty).toArray(String[]::new);
        try {
            return new SpringApplicationBuilder(source)
                    .web(WebApplicationType.NONE)
                    .registerShutdownHook(false)
                    .logStartupInfo(false)
                    .properties("logging.threshold.console=off")
                    .run(options);
        } catch (RuntimeException e) {
            System.err.println("gantry: " + why(e));
            return null;
        }
    }

    /** What is wrong in the settings; else what the trouble began with. */
    private static String why(Throwable trouble) {
        Throwable cause = trouble.getCause();
        if (cause == null || trouble instanceof WrongSettingsException) {
            return Scrubber.masked(String.valueOf(trouble.getMessage()));
        }
        return why(cause);
    }

    private static boolean isProperty(String argument) {
        int equals = argument.indexOf('=');
        return argument.startsWith("--")
                && argument.substring(0, Math.max(0, equals)).contains(".");
    }

    private static int simulate(List<String> args) {
        if (args.contains("--help")) {
            System.out.println(SimulatorSettings.USAGE);
            return 0;
        }
        try {
            SimulatorRun.run(SimulatorSettings.parse(args), System.out);
            return 0;
        } catch (ScriptException e) {
            System.err.println("simulate: " + e.getMessage() + "\n\n" + SimulatorSettings.USAGE);
            return USAGE;
        } catch (IOException e) {
            System.err.println("simulate: " + e.getMessage());
            return TROUBLE;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
