package dev.gantry.provider.http;

import dev.gantry.provider.ProviderReply.Obstacle;

import org.apache.hc.core5.http.HttpException;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** Asks a proxy for a way through to a TLS server. */
final class Tunnel {
    private Tunnel() {}

    static void open(Socket socket, Site site, Expiry expiry) throws Unconnected {
        String proxy = "proxy " + site.nearest();
        try {
            socket.setSoTimeout(expiry.millis());
            Connection toProxy = new Connection(socket, socket);
            String target = site.address().toString();
            String connect = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
            toProxy.send(connect.getBytes(StandardCharsets.ISO_8859_1));
            Incoming answer = toProxy.receive("CONNECT");
            if (answer.status() / 100 != 2) {
                throw new Unconnected(
                        Obstacle.OTHER, proxy + ": CONNECT answered " + answer.status());
            }
            socket.setSoTimeout(0);
        } catch (SocketTimeoutException e) {
            throw new Unconnected(Obstacle.CONNECT_TIMEOUT, proxy + ": CONNECT not answered");
        } catch (IOException | HttpException e) {
            throw new Unconnected(Obstacle.OTHER, proxy + ": " + HttpWording.of(e));
        }
    }
}
