package dev.gantry.testbed;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicLong;

/** Ports on which nothing listens. */
public final class Ports {
    /** Below those that systems give to connections: none takes a port before it is used. */
    private static final int FIRST = 15_000;

    private static final int COUNT = 15_000;

    /** Each process of tests begins elsewhere. */
    private static final AtomicLong NEXT = new AtomicLong(ProcessHandle.current().pid() * 127);

    private Ports() {}

    /** None is named twice in a row. */
    public static int free() throws IOException {
        while (true) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            try (ServerSocket _ = new ServerSocket(port)) {
                return port;
            } catch (BindException _) {
                // The next one, then.
            }
        }
    }
}
