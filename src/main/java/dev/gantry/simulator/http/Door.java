package dev.gantry.simulator.http;

import dev.gantry.simulator.script.ConnectionEnd;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The port and its connections: lets clients in, or refuses them as a host that is down does. */
public final class Door implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Door.class);

    private static final int SECONDS_TO_END = 60;

    private final InetSocketAddress address;
    private final Set<ServerConnection> lines = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Guarded by this; talks with one client until the connection ends. */
    private @Nullable Consumer<ServerConnection> host;

    /** Guarded by this; null while the door is shut. */
    private @Nullable Listener listener;

    /** Guarded by this; bound without listening, it keeps the port ours while the door is shut. */
    private @Nullable Socket placeholder;

    private Door(InetSocketAddress address, Socket placeholder) {
        this.address = address;
        this.placeholder = placeholder;
    }

    /** A door at this address, shut until there is a host; port 0 takes a free one. */
    public static Door at(InetSocketAddress bind) throws IOException {
        Socket held = held(bind);
        return new Door((InetSocketAddress) held.getLocalSocketAddress(), held);
    }

    public synchronized void welcome(Consumer<ServerConnection> newHost) {
        host = newHost;
    }

    private static Socket held(InetSocketAddress address) throws IOException {
        Socket held = new Socket();
        try {
            held.setReuseAddress(true);
            held.bind(address);
            return held;
        } catch (IOException e) {
            held.close();
            throw e;
        }
    }

    public InetSocketAddress address() {
        return address;
    }

    public synchronized void open() throws IOException {
        Consumer<ServerConnection> known = host;
        if (known == null || listener != null || threads.isShutdown()) {
            return;
        }
        release();
        listener = Listener.at(address, socket -> admit(socket, known));
    }

    /** Refuses new connections and resets the open ones. */
    public synchronized void shut() throws IOException {
        if (listener == null) {
            return;
        }
        listener.close();
        listener = null;
        placeholder = held(address);
        lines.forEach(connection -> connection.cut(ConnectionEnd.RESET));
    }

    private void release() throws IOException {
        if (placeholder != null) {
            placeholder.close();
            placeholder = null;
        }
    }

    private void admit(Socket socket, Consumer<ServerConnection> known) throws IOException {
        ServerConnection connection = ServerConnection.over(socket);
        lines.add(connection);
        threads.execute(() -> talk(connection, known));
    }

    private void talk(ServerConnection connection, Consumer<ServerConnection> known) {
        try (connection) {
            known.accept(connection);
        } finally {
            lines.remove(connection);
        }
    }

    /** Cuts every open call and waits until each is in the ledger. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (listener != null) {
                listener.close();
                listener = null;
            }
            release();
            threads.shutdown();
        }
        lines.forEach(connection -> connection.cut(ConnectionEnd.CLOSE));
        try {
            if (!threads.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS)) {
                log.atWarn().addKeyValue("connections", lines.size()).log("calls still open");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
