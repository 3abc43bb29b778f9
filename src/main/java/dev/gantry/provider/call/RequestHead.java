package dev.gantry.provider.call;

import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Trace;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.Endpoint.Auth;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** Targets and headers of the calls to one endpoint. */
final class RequestHead {
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** They frame the message or are ours to say: a configured one would break or forge it. */
    private static final Set<String> RESERVED =
            Set.of(
                    "host",
                    "connection",
                    "content-length",
                    "transfer-encoding",
                    "te",
                    "trailer",
                    "upgrade",
                    "expect",
                    "accept-encoding",
                    "baggage",
                    "x-client-request-id");

    private static final Set<String> TRACE = Set.of("traceparent", "tracestate");

    /** What the W3C trace context asks everybody to carry at least. */
    private static final int LONGEST_TRACE = 512;

    private final String path;
    private final String query;

    /** Names in lower case. */
    private final Map<String, String> fixed;

    private final Auth auth;
    private final boolean traced;

    /**
     * @param usual headers that the configuration may replace; names in lower case
     */
    RequestHead(Endpoint endpoint, Map<String, String> usual) {
        URI base = endpoint.baseUrl();
        this.path = Objects.requireNonNullElse(base.getRawPath(), "").replaceAll("/+$", "");
        this.query = base.getRawQuery() == null ? "" : "?" + base.getRawQuery();
        this.fixed = fixed(endpoint, usual);
        this.auth = endpoint.auth();
        this.traced = endpoint.propagateTrace();
        if (auth instanceof Auth.Header(String name)) {
            checkName(endpoint, name);
        }
    }

    String target(String below) {
        // The dialect may have said something there itself.
        boolean both = below.contains("?") && !query.isEmpty();
        return path + below + (both ? "&" + query.substring(1) : query);
    }

    boolean needsKey() {
        return !(auth instanceof Auth.None);
    }

    /**
     * Of one attempt.
     *
     * @param usual of all calls with the same key
     */
    String headers(String usual, AttemptId attempt, Trace trace) {
        String headers = usual + "x-client-request-id: " + attempt.value() + "\r\n";
        return traced
                ? headers
                        + traceLine("traceparent", trace.traceparent())
                        + traceLine("tracestate", trace.tracestate())
                : headers;
    }

    /** Whole lines: of what is no attempt of anybody's, and of each attempt. */
    String headers(@Nullable String key) {
        Map<String, String> headers = new LinkedHashMap<>(fixed);
        if (traced) {
            headers.keySet().removeAll(TRACE);
        }
        if (key != null) {
            switch (auth) {
                case Auth.Bearer() -> headers.put("authorization", "Bearer " + key);
                case Auth.Header(String name) -> {
                    headers.keySet().removeIf(name::equalsIgnoreCase);
                    headers.put(name, key);
                }
                case Auth.None() -> {}
            }
        }
        StringBuilder lines = new StringBuilder();
        headers.forEach((name, value) -> lines.append(line(name, value)));
        return lines.toString();
    }

    private static String line(String name, String value) {
        return name + ": " + value + "\r\n";
    }

    /** The request's own, or what the configuration says. */
    private String traceLine(String name, @Nullable String own) {
        boolean sendable = own != null && own.length() <= LONGEST_TRACE && printable(own);
        String value = sendable ? own : fixed.get(name);
        return value == null ? "" : line(name, value);
    }

    private static Map<String, String> fixed(Endpoint endpoint, Map<String, String> usual) {
        Map<String, String> fixed = new LinkedHashMap<>();
        fixed.put("user-agent", "gantry");
        fixed.put("content-type", "application/json");
        fixed.put("accept", "application/json");
        fixed.put("accept-encoding", "identity");
        fixed.putAll(usual);
        endpoint.headers()
                .forEach(
                        (name, value) -> {
                            checkName(endpoint, name);
                            if (!printable(value)) {
                                throw new IllegalArgumentException(
                                        about(endpoint, name) + " has an unprintable value");
                            }
                            fixed.put(name.toLowerCase(Locale.ROOT), value);
                        });
        return fixed;
    }

    private static void checkName(Endpoint endpoint, String name) {
        if (!TOKEN.matcher(name).matches()) {
            throw new IllegalArgumentException(about(endpoint, name) + " is no header name");
        }
        if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(about(endpoint, name) + " may not be set");
        }
    }

    private static String about(Endpoint endpoint, String name) {
        return "provider " + endpoint.id() + ": header " + name;
    }

    static boolean printable(String value) {
        for (int at = 0; at < value.length(); at++) {
            if (value.charAt(at) < ' ' || value.charAt(at) >= 127) {
                return false;
            }
        }
        return true;
    }
}
