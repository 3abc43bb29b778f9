package dev.gantry.launch.training;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Listens at a free port of 127.0.0.1 and talks to each who connects on a virtual thread. */
final class LoopbackServer implements AutoCloseable {
    /** Begun anew with each connection; ends it by returning or throwing. */
    interface Conversation {
        void hold(DataInputStream in, DataOutputStream out)
                throws IOException, InterruptedException;
    }

    private final ServerSocket door = new ServerSocket();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    LoopbackServer(Conversation conversation) throws IOException {
        door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(() -> welcome(conversation));
    }

    int port() {
        return door.getLocalPort();
    }

    private void welcome(Conversation conversation) {
        try {
            while (true) {
                Socket socket = door.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> talk(socket, conversation));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void talk(Socket socket, Conversation conversation) {
        try (socket;
                var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                var out =
                        new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()))) {
            socket.setTcpNoDelay(true);
            conversation.hold(in, out);
        } catch (IOException _) {
            // The other side has left, or this one is closed.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Socket each : open) {
            each.close();
        }
    }
}
