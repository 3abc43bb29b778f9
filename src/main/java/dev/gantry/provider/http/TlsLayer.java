package dev.gantry.provider.http;

import dev.gantry.provider.ProviderReply.Obstacle;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Secures a socket: handshake, certificate chain and host name. */
final class TlsLayer {
    private final SSLSocketFactory sockets;

    TlsLayer(SSLContext context) {
        this.sockets = context.getSocketFactory();
    }

    SSLSocket secure(Socket plain, Site site, Expiry expiry) throws Unconnected {
        try {
            plain.setSoTimeout(expiry.millis());
            SSLSocket secured =
                    (SSLSocket) sockets.createSocket(plain, site.host(), site.port(), true);
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
            secured.startHandshake();
            plain.setSoTimeout(0);
            return secured;
        } catch (SocketTimeoutException e) {
            throw new Unconnected(
                    Obstacle.CONNECT_TIMEOUT, site.address() + ": TLS handshake not answered");
        } catch (IOException e) {
            throw new Unconnected(Obstacle.TLS, site.address() + ": " + HttpWording.of(e));
        }
    }
}
