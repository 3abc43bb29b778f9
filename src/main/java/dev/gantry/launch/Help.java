package dev.gantry.launch;

import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.UsageException;
import dev.gantry.cli.batch.CollectCommand;
import dev.gantry.cli.batch.ExportCommand;
import dev.gantry.cli.batch.SubmitCommand;
import dev.gantry.cli.explain.ExplainCommand;
import dev.gantry.cli.operator.LanesCommand;
import dev.gantry.cli.operator.SpoolCommand;
import dev.gantry.inference.EditDistance;
import dev.gantry.simulator.SimulatorSettings;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** What the commands are, how each is written, and which build this is. */
final class Help {
    static final String OVERVIEW =
            """
            usage: java -jar gantry.jar [COMMAND] [--spring-or-gantry.property=…]

              work       run a worker until SIGTERM (the default)
              submit     send a batch file and gather its results
              collect    gather the results of a batch submitted earlier
              explain    tell what would become of a batch file's lines, and what they may cost
              export     print what a topic holds, such as the meter, as JSON lines
              lanes      show the circuits of the fleet; open, deny or reset them
              migrate    run the database migrations and exit
              simulate   run the provider simulator alone
              spool      show what waits in the database for the broker; print oversize answers
              help       print this, or how a COMMAND is written; as COMMAND --help does
              version    print version, build and JDK; as --version does

            Properties are read from application.yml here or in ./config, from variables such as
            GANTRY_WORKER_GROUP, and from options such as --gantry.worker.group=GROUP.\
            """;

    private static final String PROPERTIES =
            """
              --X.Y=VALUE  any property of Spring or Gantry, such as
                           --spring.kafka.bootstrap-servers=HOST:PORT
            """;

    static final Grammar WORK =
            new Grammar(
                    "work",
                    Set.of(),
                    Set.of(),
                    "usage: work [--X.Y=VALUE ...]\n"
                            + PROPERTIES
                            + "exit code: 0 stopped by SIGTERM, 2 usage or wrong configuration,"
                            + " 1 anything else");

    static final Grammar MIGRATE =
            new Grammar(
                    "migrate",
                    Set.of(),
                    Set.of(),
                    "usage: migrate [--X.Y=VALUE ...]\n"
                            + PROPERTIES
                            + "exit code: 0 up to date, 2 usage or wrong configuration,"
                            + " 1 anything else");

    /** By command. */
    private static final Map<String, String> USAGES = new LinkedHashMap<>();

    static {
        USAGES.put("work", WORK.usage());
        USAGES.put("submit", SubmitCommand.USAGE);
        USAGES.put("collect", CollectCommand.USAGE);
        USAGES.put("explain", ExplainCommand.USAGE);
        USAGES.put("export", ExportCommand.USAGE);
        USAGES.put("lanes", LanesCommand.USAGE);
        USAGES.put("migrate", MIGRATE.usage());
        USAGES.put("simulate", SimulatorSettings.USAGE);
        USAGES.put("spool", SpoolCommand.USAGE);
        USAGES.put("help", OVERVIEW);
        USAGES.put("version", OVERVIEW);
    }

    private Help() {}

    /**
     * @param commands none for all of them
     * @throws UsageException if there is no such command
     */
    static String of(List<String> commands) {
        if (commands.isEmpty()) {
            return OVERVIEW;
        }
        String usage = USAGES.get(commands.getFirst());
        if (usage == null) {
            throw unknown(commands.getFirst());
        }
        return usage;
    }

    static UsageException unknown(String command) {
        return new Grammar("gantry", Set.of(), Set.of(), OVERVIEW)
                .refuse(
                        (command.startsWith("-") ? "unknown option " : "unknown command ")
                                + command
                                + EditDistance.nearest(command, USAGES.keySet())
                                        .map(", did you mean %s?"::formatted)
                                        .orElse(""));
    }

    static String version() {
        Properties build = new Properties();
        try (InputStream info = Help.class.getResourceAsStream("/META-INF/build-info.properties")) {
            if (info != null) {
                build.load(info);
            }
        } catch (IOException _) {
            // A build that does not know itself is still one.
        }
        return "gantry %s, built %s, on Java %s (%s)"
                .formatted(
                        build.getProperty("build.version", "(version unknown)"),
                        build.getProperty("build.time", "(time unknown)"),
                        Runtime.version(),
                        System.getProperty("java.vendor"));
    }
}
