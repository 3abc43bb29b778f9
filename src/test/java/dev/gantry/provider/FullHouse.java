package dev.gantry.provider;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** A port whose queue of unaccepted connections is full: connecting to it hangs. */
public final class FullHouse implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Socket> guests = new ArrayList<>();

    public FullHouse() throws IOException {
        this(InetAddress.getLoopbackAddress(), 0);
    }

    /**
     * @param port 0 for any
     */
    public FullHouse(InetAddress address, int port) throws IOException {
        listener = new ServerSocket(port, 1, address);
        boolean room = true;
        while (room) {
            Socket guest = new Socket();
            guests.add(guest);
            try {
                guest.connect(listener.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException e) {
                room = false;
            }
        }
    }

    URI baseUrl() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v1");
    }

    @Override
    public void close() throws IOException {
        for (Socket guest : guests) {
            guest.close();
        }
        listener.close();
    }
}
