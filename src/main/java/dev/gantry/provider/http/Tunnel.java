package dev.gantry.provider.http;

import dev.gantry.provider.ProviderReply.Obstacle;

import org.apache.hc.core5.http.HttpException;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** Asks a proxy for a way through to a TLS server. */
final class Tunnel {
    private Tunnel() {}

    static void open(Socket socket, Site site, Expiry expiry) throws Unconnected {
        String proxy = "proxy " + site.nearest();
        try {
            socket.setSoTimeout(expiry.millis());
            Connection toProxy = new Connection(socket, socket);
            String target = site.address().toString();
            LiteralRequest connect = new LiteralRequest("CONNECT", target);
            connect.setHeader("Host", target);
            toProxy.send(connect);
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
