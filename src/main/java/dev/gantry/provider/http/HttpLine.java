package dev.gantry.provider.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.gantry.inference.Cancellation;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Cancelled;

import org.apache.hc.core5.http.ClassicHttpRequest;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/** The connections to one endpoint; blocking calls from any number of virtual threads. */
public final class HttpLine {
    private final Site site;
    private final ConnectionPool pool;
    private final ScheduledExecutorService timer;
    private final int limit;

    HttpLine(Site site, ConnectionPool pool, ScheduledExecutorService timer, int limit) {
        this.site = site;
        this.pool = pool;
        this.timer = timer;
        this.limit = limit;
    }

    /**
     * Posts and reads the whole answer; never retries, follows or remembers anything.
     *
     * @param timeout connect to last byte
     */
    public ProviderReply post(
            Outgoing outgoing, Duration timeout, Cancellation cancellation, AnswerReader reader) {
        CallGuard guard = new CallGuard();
        Future<?> expiry;
        try {
            expiry =
                    timer.schedule(
                            () -> guard.end(CallGuard.Reason.TIMEOUT),
                            timeout.toNanos(),
                            NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return new Cancelled(false); // closed: the process is going down
        }
        try (Cancellation.Registration _ =
                cancellation.onCancel(() -> guard.end(CallGuard.Reason.CANCELLED))) {
            return new Exchange(pool, guard, timeout, limit, reader)
                    .run(head(outgoing), outgoing.body());
        } finally {
            expiry.cancel(false);
        }
    }

    ConnectionPool pool() {
        return pool;
    }

    private ClassicHttpRequest head(Outgoing outgoing) {
        LiteralRequest head = new LiteralRequest("POST", site.prefix() + outgoing.target());
        head.setHeader("Host", site.hostHeader());
        outgoing.headers().forEach(head::setHeader);
        head.setHeader("Content-Length", outgoing.body().length());
        return head;
    }
}
