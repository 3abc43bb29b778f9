package dev.gantry.provider.http;

import jdk.net.ExtendedSocketOptions;

import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;

/** Socket options of a connection that sends one small request and may then wait for minutes. */
final class Tuning {
    /** Below the 350 s after which common cloud balancers forget a silent connection. */
    private static final int PROBE_AFTER_SECONDS = 60;

    private Tuning() {}

    static void apply(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, PROBE_AFTER_SECONDS);
        }
    }
}
