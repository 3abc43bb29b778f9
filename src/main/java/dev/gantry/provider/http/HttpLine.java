package dev.gantry.provider.http;

import dev.gantry.dialect.Translation;
import dev.gantry.inference.Cancellation;
import dev.gantry.memory.Hold;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;

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

    private final String prefix;
    private final String host;
    private final ConnectionPool pool;
    private final BooleanSupplier closed;
    private final Exchange.Bounds bounds;

    /**
     * @param closed whether no call may begin any more
     */
    HttpLine(Site site, ConnectionPool pool, BooleanSupplier closed, Exchange.Bounds bounds) {
        this.prefix = site.prefix();
        this.host = " HTTP/1.1\r\nHost: " + site.hostHeader() + "\r\n";
        this.pool = pool;
        this.closed = closed;
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
        String head =
                "POST "
                        + prefix
                        + outgoing.target()
                        + host
                        + outgoing.headers()
                        + "Content-Length: "
                        + outgoing.body().length()
                        + "\r\n\r\n";
        return exchange(
                new Sending("POST", ascii(head), outgoing.body()),
                timeout,
                new Room(bounds, hold),
                cancellation,
                reader);
    }

    /**
     * Gets and reads the whole answer, likewise.
     *
     * @param atMost of the answer's body, in bytes
     */
    public ProviderReply get(
            String target,
            String headers,
            Duration timeout,
            int atMost,
            Hold hold,
            AnswerReader reader) {
        Room room =
                new Room(
                        new Exchange.Bounds(Math.min(atMost, bounds.limit()), bounds.stall()),
                        hold);
        String head = "GET " + prefix + target + host + headers + "\r\n";
        return exchange(
                new Sending("GET", ascii(head), NO_BODY),
                timeout,
                room,
                new Cancellation(),
                reader);
    }

    /** What an answer may take. */
    private record Room(Exchange.Bounds bounds, Hold hold) {}

    private ProviderReply exchange(
            Sending sending,
            Duration timeout,
            Room room,
            Cancellation cancellation,
            AnswerReader reader) {
        CallGuard guard = new CallGuard();
        try (Countdown countdown =
                        new Countdown(closed, timeout, () -> guard.end(CallGuard.Reason.TIMEOUT));
                Cancellation.Registration _ =
                        cancellation.onCancel(() -> guard.end(CallGuard.Reason.CANCELLED))) {
            countdown.start();
            Exchange.Terms terms =
                    new Exchange.Terms(timeout, countdown, room.bounds(), room.hold());
            ProviderReply reply = new Exchange(pool, guard, terms, reader).run(sending);
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

    private static byte[] ascii(String head) {
        return head.getBytes(StandardCharsets.ISO_8859_1);
    }
}
