package dev.gantry.provider.http;

import dev.gantry.provider.Endpoint;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.Locale;

/**
 * Where calls go, taken from an endpoint's addresses and checked.
 *
 * @param host without the brackets of an IPv6 literal
 * @param proxy where to connect instead, null for none
 */
record Site(boolean secure, String host, int port, @Nullable HostPort proxy) {

    /** An address to connect to. */
    record HostPort(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    static Site of(Endpoint endpoint) {
        String where = "provider " + endpoint.id() + ": base-url";
        URI base = endpoint.baseUrl();
        boolean secure =
                switch (scheme(base)) {
                    case "https" -> true;
                    case "http" -> false;
                    default -> throw new IllegalArgumentException(where + " is not http or https");
                };
        if (base.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    where + " holds user info; use api-key or headers instead");
        }
        HostPort address = address(base, secure ? 443 : 80, where);
        return new Site(secure, address.host(), address.port(), proxy(endpoint));
    }

    /** The host to open a socket to. */
    HostPort nearest() {
        return proxy == null ? address() : proxy;
    }

    HostPort address() {
        return new HostPort(host, port);
    }

    /** Plain HTTP through a proxy names the whole address in the request line. */
    String prefix() {
        return proxy != null && !secure ? "http://" + address() : "";
    }

    /** The Host header; default ports are left out. */
    String hostHeader() {
        String whole = address().toString();
        return port == (secure ? 443 : 80) ? whole.substring(0, whole.lastIndexOf(':')) : whole;
    }

    private static @Nullable HostPort proxy(Endpoint endpoint) {
        URI proxy = endpoint.proxy();
        if (proxy == null) {
            return null;
        }
        String where = "provider " + endpoint.id() + ": proxy";
        if (!scheme(proxy).equals("http") || proxy.getRawUserInfo() != null) {
            throw new IllegalArgumentException(where + " is not of the form http://host:port");
        }
        return address(proxy, 80, where);
    }

    private static String scheme(URI uri) {
        return uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    }

    private static HostPort address(URI uri, int defaultPort, String where) {
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException(where + " names no valid host");
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new HostPort(bare, uri.getPort() < 0 ? defaultPort : uri.getPort());
    }
}
