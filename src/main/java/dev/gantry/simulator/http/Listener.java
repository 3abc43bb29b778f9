package dev.gantry.simulator.http;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Listens on a port and hands each connection on; once closed, the port is truly free. */
final class Listener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);

    /** Thousands of clients may connect in one instant. */
    private static final int BACKLOG = 4096;

    private static final int MILLIS_AFTER_FAILURE = 50;

    private final ServerSocket socket;
    private final Thread acceptor;

    private Listener(ServerSocket socket, Guests guests) {
        this.socket = socket;
        this.acceptor =
                Thread.ofPlatform()
                        .daemon()
                        .name("simulator-" + socket.getLocalPort())
                        .unstarted(() -> accept(guests));
    }

    static Listener at(InetSocketAddress bind, Guests guests) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(bind, BACKLOG);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        var listener = new Listener(socket, guests);
        listener.acceptor.start();
        return listener;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    private void accept(Guests guests) {
        while (!socket.isClosed()) {
            try {
                guests.admit(socket.accept());
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    log.atWarn().setCause(e).log("cannot accept a connection; trying on");
                    pause();
                }
            }
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

    /**
     * Waits for the acceptor: the kernel listens on for as long as a thread is within accept, and
     * whoever binds the port in that moment is told that it is in use.
     */
    @Override
    public void close() throws IOException {
        socket.close();
        boolean interrupted = false;
        while (acceptor.isAlive()) {
            try {
                acceptor.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes in who connects. */
    interface Guests {
        void admit(Socket socket) throws IOException;
    }
}
