package dev.gantry.provider.http;

import dev.gantry.inference.Cancellation;
import dev.gantry.memory.Hold;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;

import org.apache.hc.core5.http.ClassicHttpRequest;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/** The connections to one endpoint; blocking calls from any number of virtual threads. */
public final class HttpLine {
    private final Site site;
    private final ConnectionPool pool;
    private final ScheduledExecutorService timer;
    private final Exchange.Bounds bounds;

    HttpLine(
            Site site,
            ConnectionPool pool,
            ScheduledExecutorService timer,
            Exchange.Bounds bounds) {
        this.site = site;
        this.pool = pool;
        this.timer = timer;
        this.bounds = bounds;
    }

    /**
     * Posts and reads the whole answer; never retries, follows or remembers anything.
     *
     * @param timeout connect to last byte; not counted is the time in which the answer waits for
     *     room in memory
     * @param hold keeps what an answer takes of that room; empty unless there is a whole answer
     */
    public ProviderReply post(
            Outgoing outgoing,
            Duration timeout,
            Cancellation cancellation,
            Hold hold,
            AnswerReader reader) {
        CallGuard guard = new CallGuard();
        try (Countdown countdown =
                        new Countdown(timer, timeout, () -> guard.end(CallGuard.Reason.TIMEOUT));
                Cancellation.Registration _ =
                        cancellation.onCancel(() -> guard.end(CallGuard.Reason.CANCELLED))) {
            countdown.start();
            Exchange.Terms terms = new Exchange.Terms(timeout, countdown, bounds, hold);
            ProviderReply reply =
                    new Exchange(pool, guard, terms, reader).run(head(outgoing), outgoing.body());
            if (!(reply instanceof Answered)) {
                hold.release();
            }
            return reply;
        } catch (RejectedExecutionException e) {
            return new Cancelled(false); // closed: the process is going down
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
