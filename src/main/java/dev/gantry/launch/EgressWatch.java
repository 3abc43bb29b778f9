package dev.gantry.launch;

import dev.gantry.circuit.Circuits;
import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.intake.Intake;
import dev.gantry.provider.Endpoint;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Has the worker leave its requests to others while calls to several providers fail here and do
 * well elsewhere, and come back once one of them can be reached.
 */
final class EgressWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EgressWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int REACHED_WITHIN_MILLIS = 2_000;
    private static final int SEVERAL = 2;

    private final Circuits circuits;
    private final Intake intake;
    private final Supplier<List<Endpoint>> endpoints;
    private final BackgroundLoop loop = BackgroundLoop.every(PERIOD, "egress", this::pass);

    EgressWatch(Circuits circuits, Intake intake, Supplier<List<Endpoint>> endpoints) {
        this.circuits = circuits;
        this.intake = intake;
        this.endpoints = endpoints;
    }

    /** Once. */
    void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    /** Whoever cannot tell does not stay away. */
    private void pass() {
        try {
            look();
        } catch (RuntimeException bug) {
            intake.rejoin();
            throw bug;
        }
    }

    private void look() {
        Set<String> failing = circuits.contradicted();
        boolean cutOff = several(circuits.cutOff());
        if (!intake.withdrawn() && cutOff) {
            LOG.atWarn()
                    .addKeyValue("instances", failing)
                    .log("calls fail here and do well elsewhere: requests are left to others");
            intake.withdraw();
        } else if (intake.withdrawn() && (!several(failing) || (!cutOff && reached(failing)))) {
            LOG.atInfo().addKeyValue("instances", failing).log("requests are taken again");
            intake.rejoin();
        }
    }

    private static boolean several(Set<String> instances) {
        return instances.stream().map(each -> each.split(":", 2)[0]).distinct().count() >= SEVERAL;
    }

    private boolean reached(Set<String> instances) {
        return endpoints.get().stream()
                .filter(each -> instances.contains(each.id()))
                .anyMatch(EgressWatch::reached);
    }

    /** A connection is no call: nothing is said on it. */
    private static boolean reached(Endpoint endpoint) {
        URI proxy = endpoint.proxy();
        URI nearest = proxy == null ? endpoint.baseUrl() : proxy;
        int usual = "https".equals(nearest.getScheme()) ? 443 : 80;
        int port = nearest.getPort() < 0 ? usual : nearest.getPort();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(nearest.getHost(), port), REACHED_WITHIN_MILLIS);
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
