package dev.gantry.simulator;

import dev.gantry.simulator.script.Script;
import dev.gantry.simulator.script.ScriptException;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * How the simulator runs alone.
 *
 * @param port 0: a free one
 * @param script null: {@link Script#demo}
 * @param seed null: the script's, or else one is drawn
 * @param ledgerLimit calls listed in the ledger; 0: sums only
 */
public record SimulatorSettings(
        String bind, int port, @Nullable Path script, @Nullable Long seed, int ledgerLimit) {
    public static final String USAGE =
            """
            usage: java -jar gantry.jar simulate [--port N] [--bind HOST] [--script FILE] [--seed N] [--ledger-limit N]

              --port N          port of the API; 0 takes a free one (default 8089)
              --bind HOST       address to listen at (default 127.0.0.1)
              --script FILE     JSON that says how each model behaves (default: demo models)
              --seed N          repeats a run
              --ledger-limit N  calls listed in the ledger; 0: sums only\
            """;

    private static final String ALLOWED = "--bind, --port, --script, --seed, --ledger-limit";
    private static final int MOST_PORTS = 65_535;

    public static final SimulatorSettings USUAL =
            new SimulatorSettings("127.0.0.1", 8089, null, null, Ledger.usualLimit());

    public SimulatorSettings {
        if (bind.isBlank() || new InetSocketAddress(bind, 0).isUnresolved()) {
            throw new ScriptException(
                    "--bind: '%s' is not a known host or address".formatted(bind));
        }
        if (port < 0 || port > MOST_PORTS) {
            throw new ScriptException(
                    "--port: %d is not a number from 0 to %d".formatted(port, MOST_PORTS));
        }
        if (ledgerLimit < 0) {
            throw new ScriptException(
                    "--ledger-limit: %d is not a number from 0 up".formatted(ledgerLimit));
        }
    }

    /** Reads {@code --port 8089} or {@code --port=8089} and so on. */
    public static SimulatorSettings parse(List<String> arguments) {
        SimulatorSettings settings = USUAL;
        for (int i = 0; i < arguments.size(); i++) {
            String option = arguments.get(i);
            int equals = option.indexOf('=');
            if (equals < 0) {
                i++;
            }
            String name = equals < 0 ? option : option.substring(0, equals);
            settings =
                    settings.with(
                            name,
                            equals < 0 ? next(arguments, i, name) : option.substring(equals + 1));
        }
        return settings;
    }

    private static String next(List<String> arguments, int index, String name) {
        if (!ALLOWED.contains(name)) {
            throw unknown(name);
        }
        if (index >= arguments.size()) {
            throw new ScriptException(name + ": a value is missing");
        }
        return arguments.get(index);
    }

    private SimulatorSettings with(String name, String value) {
        return switch (name) {
            case "--bind" -> new SimulatorSettings(value, port, script, seed, ledgerLimit);
            case "--port" ->
                    new SimulatorSettings(
                            bind, number(name, value, MOST_PORTS), script, seed, ledgerLimit);
            case "--script" -> new SimulatorSettings(bind, port, path(value), seed, ledgerLimit);
            case "--seed" -> new SimulatorSettings(bind, port, script, seed(value), ledgerLimit);
            case "--ledger-limit" ->
                    new SimulatorSettings(
                            bind, port, script, seed, number(name, value, Integer.MAX_VALUE));
            default -> throw unknown(name);
        };
    }

    private static ScriptException unknown(String name) {
        return new ScriptException("%s is not known; allowed: %s".formatted(name, ALLOWED));
    }

    private static int number(String name, String value, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            throw notANumber(name, value, most);
        }
        throw notANumber(name, value, most);
    }

    private static ScriptException notANumber(String name, String value, int most) {
        return new ScriptException(
                "%s: '%s' is not a number from 0 to %d".formatted(name, value, most));
    }

    private static long seed(String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException _) {
            throw new ScriptException("--seed: '%s' is not a whole number".formatted(value));
        }
    }

    /** The script to play, with the seed asked for. */
    Script loadedScript() {
        Script loaded = script == null ? Script.demo() : Script.load(script);
        return seed == null ? loaded : loaded.seeded(seed);
    }

    private static Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new ScriptException(
                    "--script: the name %s cannot be used in this locale (%s); LC_ALL=C.UTF-8 helps"
                            .formatted(name, e.getReason()));
        }
    }
}
