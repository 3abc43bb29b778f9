package dev.gantry.provider.http;

import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HeaderElement;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.message.MessageSupport;

import java.time.Duration;
import java.util.Iterator;

/** Whether, and for how long, a connection may wait for its next call. */
final class KeepAlive {
    /** Common Python servers (uvicorn, and so vLLM) hang up after 5 s and do not announce it. */
    private static final Duration UNANNOUNCED = Duration.ofSeconds(4);

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private KeepAlive() {}

    static boolean allowed(ClassicHttpResponse head) {
        return DefaultConnectionReuseStrategy.INSTANCE.keepAlive(null, head, null);
    }

    /** A second less than the server announces, so that it is never the server who closes. */
    static Duration idleAtMost(Incoming incoming) {
        if (!incoming.headers().containsKey("keep-alive")) {
            return UNANNOUNCED;
        }
        Iterator<HeaderElement> parts = MessageSupport.iterate(incoming.head(), "Keep-Alive");
        while (parts.hasNext()) {
            HeaderElement part = parts.next();
            if ("timeout".equalsIgnoreCase(part.getName()) && part.getValue() != null) {
                return announced(part.getValue());
            }
        }
        return UNANNOUNCED;
    }

    private static Duration announced(String seconds) {
        try {
            long usable = Math.clamp(Long.parseLong(seconds) - 1, 0, LONGEST.toSeconds());
            return Duration.ofSeconds(usable);
        } catch (NumberFormatException e) {
            return UNANNOUNCED;
        }
    }
}
