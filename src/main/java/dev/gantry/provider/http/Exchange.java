package dev.gantry.provider.http;

import dev.gantry.inference.Answer;
import dev.gantry.memory.Hold;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Stalled;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Undecodable;
import dev.gantry.provider.http.BodyReading.Body;

import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;

/** One call: leases a connection, sends, reads, and says how it ended. */
final class Exchange {
    /** Behind the last event only the end of the framing is to come, and mostly has. */
    private static final Duration FRAMING = Duration.ofSeconds(1);

    private final ConnectionPool pool;
    private final CallGuard guard;
    private final Terms terms;
    private final AnswerReader reader;

    /** Within which bounds a call goes. */
    record Terms(Duration timeout, Countdown countdown, Bounds bounds, Hold hold) {}

    /**
     * Of an answer's body.
     *
     * @param limit bytes
     * @param stall the longest silence once it has begun
     */
    record Bounds(int limit, Duration stall) {}

    Exchange(ConnectionPool pool, CallGuard guard, Terms terms, AnswerReader reader) {
        this.pool = pool;
        this.guard = guard;
        this.terms = terms;
        this.reader = reader;
    }

    ProviderReply run(Sending sending) {
        Connection connection;
        try {
            connection = pool.lease(guard);
        } catch (Unconnected e) {
            return unlessEnded(false, e.reply());
        }
        try (Lease lease = new Lease(connection)) {
            return guard.ended() || Thread.currentThread().isInterrupted()
                    ? unlessEnded(false, new Cancelled(false))
                    : converse(lease, sending);
        }
    }

    private ProviderReply converse(Lease lease, Sending sending) {
        Connection connection = lease.connection;
        long earlier = connection.receivedBytes();
        long began = System.nanoTime();
        try {
            boolean sent = send(connection, sending);
            return answer(lease, connection.receive(sending.method()), sent);
        } catch (SocketTimeoutException e) {
            return unlessEnded(true, new Stalled(terms.bounds().stall()));
        } catch (IOException | HttpException e) {
            boolean begun = connection.receivedBytes() > earlier;
            if (connection.reused() && !begun) {
                pool.suspect();
            }
            Duration since = Duration.ofNanos(System.nanoTime() - began);
            return unlessEnded(true, new Cut(connection.reused(), begun, since, HttpWording.of(e)));
        }
    }

    /** False if the server has answered and closed before it took the whole request. */
    private boolean send(Connection connection, Sending sending) throws IOException {
        try {
            connection.send(sending.head(), sending.body());
            return true;
        } catch (IOException e) {
            // A refused body (413, 401) may break our writing; the answer that is there says why.
            if (guard.ended() || !connection.unread()) {
                throw e;
            }
            return false;
        }
    }

    private ProviderReply answer(Lease lease, Incoming incoming, boolean sent) throws IOException {
        if (incoming.coding() != null) {
            return unlessEnded(
                    true, new Undecodable(incoming.status(), HttpWording.token(incoming.coding())));
        }
        Reservation reservation =
                new Reservation(terms.hold(), guard, terms.countdown(), lease.connection);
        BodyReading.Beginning beginning =
                () -> lease.connection.limitSilence(terms.bounds().stall());
        BodyTaker taker = reader.taker(incoming.status(), incoming.headers());
        if (taker != null) {
            BodyReading.Beginning closing = () -> lease.connection.limitSilence(FRAMING);
            var stream = new StreamReading(incoming.body(), reservation, beginning, closing);
            return streamed(lease, incoming, sent, stream, taker);
        }
        BodyReading reading = new BodyReading(incoming.body(), reservation, beginning);
        return switch (reading.read(incoming.announced(), terms.bounds().limit())) {
            case Body.Whole(byte[] bytes) -> {
                lease.keep(incoming, sent);
                yield answered(incoming, bytes);
            }
            case Body.Broken(byte[] begun, IOException why) -> salvaged(incoming, begun, why);
            case Body.Oversize() ->
                    unlessEnded(true, new TooLarge(incoming.status(), terms.bounds().limit()));
        };
    }

    /**
     * Of what was cut, its taker says what came; if that is whole in itself, it is the answer. One
     * that was told of in part has nothing more to say.
     */
    private ProviderReply streamed(
            Lease lease, Incoming incoming, boolean sent, StreamReading stream, BodyTaker taker)
            throws IOException {
        try {
            if (!stream.read(taker, terms.bounds().limit())) {
                taker.end();
                taker.lost();
                return unlessEnded(true, new TooLarge(incoming.status(), terms.bounds().limit()));
            }
        } catch (IOException cut) {
            BodyTaker.Taken taken = taker.end();
            if (taken.whole() && !givenUp()) {
                Answer answer = taken.answer().mended(List.of("unterminated"));
                return new Answered(answer, incoming.headers());
            }
            taker.lost();
            throw cut;
        }
        lease.keep(incoming, sent);
        BodyTaker.Taken taken = taker.end();
        if (taken.begun() && !taken.whole()) {
            taker.lost();
            throw new ConnectionClosedException("the stream ends before its answer");
        }
        stream.settle(taken.answer().body().size());
        return new Answered(taken.answer(), incoming.headers());
    }

    private boolean givenUp() {
        return guard.reason() == CallGuard.Reason.CANCELLED
                || Thread.currentThread().isInterrupted();
    }

    /**
     * A whole JSON value is a whole answer, and paid for, even if the end of its framing never
     * came: a last chunk left out, a length too high, a connection that is not closed. Of an error
     * the status says most, and of what was cut, its usage is still owed.
     */
    private ProviderReply salvaged(Incoming incoming, byte[] begun, IOException why)
            throws IOException {
        if (givenUp()) {
            throw why;
        }
        Answered answered = answered(incoming, begun);
        if (answered.answer().body().isJson() && !scalar(begun)) {
            return new Answered(
                    answered.answer().mended(List.of("unterminated")), answered.headers());
        }
        boolean timely = guard.reason() == null;
        if (timely && (incoming.status() >= 400 || answered.answer().usage() != null)) {
            return answered;
        }
        throw why;
    }

    /** A number or a word that was cut is one still. */
    private static boolean scalar(byte[] json) {
        int first = 0;
        while (first < json.length && Character.isWhitespace(json[first])) {
            first++;
        }
        return first == json.length || "-0123456789\"tfn".indexOf(json[first]) >= 0;
    }

    private Answered answered(Incoming incoming, byte[] body) {
        return new Answered(
                reader.read(incoming.status(), incoming.headers(), body), incoming.headers());
    }

    private ProviderReply unlessEnded(boolean submitted, ProviderReply otherwise) {
        CallGuard.Reason reason = guard.reason();
        if (reason == CallGuard.Reason.TIMEOUT) {
            return new TimedOut(terms.timeout(), submitted);
        }
        // An interrupted virtual thread finds its socket closed; the flag stays set for the caller.
        if (reason == CallGuard.Reason.CANCELLED || Thread.currentThread().isInterrupted()) {
            return new Cancelled(submitted);
        }
        return otherwise;
    }

    /** A connection that is closed unless it was kept: no path may leave it open and unowned. */
    private final class Lease implements AutoCloseable {
        private final Connection connection;
        private boolean kept;

        Lease(Connection connection) {
            this.connection = connection;
        }

        /** For the next call, if the answer was read to the end of its framing. */
        void keep(Incoming incoming, boolean sent) {
            if (guard.release() && sent && KeepAlive.allowed(incoming.head())) {
                kept = true;
                pool.giveBack(connection, KeepAlive.idleAtMost(incoming));
            }
        }

        @Override
        public void close() {
            guard.release();
            if (!kept) {
                connection.close();
            }
        }
    }
}
