package dev.gantry.simulator;

import dev.gantry.simulator.script.Script;
import dev.gantry.simulator.script.ScriptException;

import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;

/** The simulator alone in its process, until it is stopped. */
public final class SimulatorRun {
    private SimulatorRun() {}

    /** Serves until this thread is interrupted or the process is told to end. */
    public static void run(SimulatorSettings settings, PrintStream out)
            throws IOException, InterruptedException {
        try (SimulatedProvider provider = start(settings)) {
            Thread closing = new Thread(() -> close(provider), "simulator-close");
            Runtime.getRuntime().addShutdownHook(closing);
            greet(provider, out);
            new CountDownLatch(1).await();
        }
    }

    /** Starts by the settings; what is wrong with them is said by a {@link ScriptException}. */
    public static SimulatedProvider start(SimulatorSettings settings) throws IOException {
        Script script = settings.loadedScript();
        InetSocketAddress bind = new InetSocketAddress(settings.bind(), settings.port());
        try {
            return SimulatedProvider.start(script, bind, settings.ledgerLimit());
        } catch (BindException e) {
            throw new ScriptException(
                    "--bind %s --port %d: %s; another program may use the port, try --port 0"
                            .formatted(settings.bind(), settings.port(), e.getMessage()));
        }
    }

    private static void greet(SimulatedProvider provider, PrintStream out) {
        URI address = provider.address();
        out.printf("Simulated provider  %s%n", provider.baseUrl());
        out.printf("models              %s%n", models(provider));
        out.printf("seed                %d%n", provider.seed());
        out.printf("what it would bill  %s%n", address.resolve("/_simulator/summary"));
        out.printf("every call          %s%n", address.resolve("/_simulator/ledger"));
        out.flush();
    }

    private static String models(SimulatedProvider provider) {
        String named = String.join(", ", new TreeSet<>(provider.script().models().keySet()));
        return named.isEmpty() ? "any" : named + " (others are answered as the default says)";
    }

    /** Calls under way reach the ledger; nobody is left to be told of a failure. */
    private static void close(SimulatedProvider provider) {
        try {
            provider.close();
        } catch (IOException _) {
            // The process ends, and with it the port.
        }
    }
}
