package dev.gantry.provider.http;

import dev.gantry.dialect.Translation;
import dev.gantry.inference.Cancellation;
import dev.gantry.memory.Hold;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;

import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/** The connections to one endpoint; blocking calls from any number of virtual threads. */
public final class HttpLine {
    private static final Translation.Body NO_BODY =
            new Translation.Body() {
                @Override
                public long length() {
                    return 0;
                }

                @Override
                public void writeTo(OutputStream out) {}
            };

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
        LiteralRequest head = head("POST", outgoing.target(), outgoing.headers());
        head.setHeader("Content-Length", outgoing.body().length());
        return exchange(
                head, outgoing.body(), timeout, new Room(bounds, hold), cancellation, reader);
    }

    /**
     * Gets and reads the whole answer, likewise.
     *
     * @param atMost of the answer's body, in bytes
     */
    public ProviderReply get(
            String target,
            Map<String, String> headers,
            Duration timeout,
            int atMost,
            Hold hold,
            AnswerReader reader) {
        Room room =
                new Room(
                        new Exchange.Bounds(Math.min(atMost, bounds.limit()), bounds.stall()),
                        hold);
        return exchange(
                head("GET", target, headers), NO_BODY, timeout, room, new Cancellation(), reader);
    }

    /** What an answer may take. */
    private record Room(Exchange.Bounds bounds, Hold hold) {}

    private ProviderReply exchange(
            LiteralRequest head,
            Translation.Body body,
            Duration timeout,
            Room room,
            Cancellation cancellation,
            AnswerReader reader) {
        CallGuard guard = new CallGuard();
        try (Countdown countdown =
                        new Countdown(timer, timeout, () -> guard.end(CallGuard.Reason.TIMEOUT));
                Cancellation.Registration _ =
                        cancellation.onCancel(() -> guard.end(CallGuard.Reason.CANCELLED))) {
            countdown.start();
            Exchange.Terms terms =
                    new Exchange.Terms(timeout, countdown, room.bounds(), room.hold());
            ProviderReply reply = new Exchange(pool, guard, terms, reader).run(head, body);
            if (!(reply instanceof Answered)) {
                room.hold().release();
            }
            return reply;
        } catch (RejectedExecutionException e) {
            return new Cancelled(false); // closed: the process is going down
        }
    }

    ConnectionPool pool() {
        return pool;
    }

    private LiteralRequest head(String method, String target, Map<String, String> headers) {
        LiteralRequest head = new LiteralRequest(method, site.prefix() + target);
        head.setHeader("Host", site.hostHeader());
        headers.forEach(head::setHeader);
        return head;
    }
}
