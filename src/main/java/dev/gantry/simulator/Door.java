package dev.gantry.simulator;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The port: lets connections in, or refuses them as a host that is down does. */
final class Door implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Door.class);

    /** Thousands of clients may connect in one instant. */
    private static final int BACKLOG = 4096;

    private static final int SECONDS_TO_END = 5;
    private static final int MILLIS_AFTER_FAILURE = 50;

    private final InetSocketAddress address;
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Guarded by this; null until the host is in. */
    private @Nullable Function<Line, Runnable> host;

    /** Guarded by this; null while the door is shut. */
    private @Nullable ServerSocket listener;

    /** Guarded by this; bound without listening, it keeps the port ours while the door is shut. */
    private @Nullable Socket placeholder;

    private Door(ServerSocket listener) {
        this.address = (InetSocketAddress) listener.getLocalSocketAddress();
        this.listener = listener;
    }

    /** Takes the port; callers queue until the host is in. */
    static Door at(InetSocketAddress bind) throws IOException {
        return new Door(listen(bind));
    }

    /** From now on each connection meets what the host makes of it. */
    synchronized void welcome(Function<Line, Runnable> newHost) {
        host = newHost;
        if (listener != null) {
            startAccepting(listener, newHost);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** Refuses new connections and resets the open ones. */
    synchronized void shut() throws IOException {
        if (listener == null) {
            return;
        }
        listener.close();
        listener = null;
        Socket held = new Socket();
        placeholder = held;
        held.setReuseAddress(true);
        held.bind(address);
        lines.forEach(line -> line.cut(Ending.RESET));
    }

    /** Undoes {@link #shut}. */
    synchronized void open() throws IOException {
        if (listener != null || threads.isShutdown()) {
            return;
        }
        release();
        ServerSocket opened = listen(address);
        listener = opened;
        if (host != null) {
            startAccepting(opened, host);
        }
    }

    private void release() throws IOException {
        if (placeholder != null) {
            placeholder.close();
            placeholder = null;
        }
    }

    private static ServerSocket listen(InetSocketAddress bind) throws IOException {
        ServerSocket listener = new ServerSocket();
        try {
            listener.setReuseAddress(true);
            listener.bind(bind, BACKLOG);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    private void startAccepting(ServerSocket from, Function<Line, Runnable> known) {
        Thread.ofPlatform()
                .daemon()
                .name("simulator-door-" + address.getPort())
                .start(() -> accept(from, known));
    }

    private void accept(ServerSocket from, Function<Line, Runnable> known) {
        while (!from.isClosed()) {
            try {
                admit(from.accept(), from, known);
            } catch (IOException e) {
                if (!from.isClosed()) {
                    log.atWarn().setCause(e).log("cannot accept a connection; trying on");
                    pause();
                }
            }
        }
    }

    private void admit(Socket socket, ServerSocket from, Function<Line, Runnable> known)
            throws IOException {
        Line line = new Line(socket);
        lines.add(line);
        if (from.isClosed()) {
            line.cut(Ending.RESET); // shut() may have gone through the lines before this one
        }
        threads.execute(() -> talk(line, known));
    }

    private void talk(Line line, Function<Line, Runnable> known) {
        try {
            known.apply(line).run();
        } finally {
            lines.remove(line);
        }
    }

    /** Out of file handles, most likely: some come back as calls end. */
    private static void pause() {
        try {
            Thread.sleep(MILLIS_AFTER_FAILURE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Cuts every open call and waits until each is in the ledger. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            threads.shutdown();
            if (listener != null) {
                listener.close();
            }
            release();
        }
        lines.forEach(line -> line.cut(Ending.CLOSE));
        try {
            if (!threads.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS)) {
                log.atWarn().addKeyValue("connections", lines.size()).log("calls still open");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
