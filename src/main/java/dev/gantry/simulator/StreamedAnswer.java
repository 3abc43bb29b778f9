package dev.gantry.simulator;

import dev.gantry.simulator.http.Chunks;
import dev.gantry.simulator.http.ServerConnection;
import dev.gantry.simulator.script.ConnectionEnd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Sends an answer as server-sent events, spread over the time that the call takes. */
final class StreamedAnswer {
    /** The finish and [DONE] follow the text without a pause. */
    private static final int AT_ONCE = 2;

    private final ServerConnection connection;
    private final Duration wait;
    private final LedgerLine entry;
    private final BilledTokens tokens;
    private final byte[] head;
    private final List<String> events;

    StreamedAnswer(
            ServerConnection connection, Duration wait, PlannedAnswer answer, LedgerLine entry) {
        this.connection = connection;
        this.wait = wait;
        this.entry = entry;
        this.tokens = answer.tokens();
        this.head = answer.blank().head("transfer-encoding: chunked");
        this.events = answer.events();
    }

    /** True if the connection can carry another request. */
    boolean send() throws InterruptedException {
        int last = events.size() - 1;
        return wait.isZero() ? sendAtOnce() : send(last) && finish(Chunks.of(events.get(last)));
    }

    /** Sends the first half, then cuts. */
    boolean cut(ConnectionEnd connectionEnd) throws InterruptedException {
        int half = events.size() / 2;
        if (send(half)) {
            entry.billed(Call.Disposition.CUT_DURING, 200, tokens);
            connection.cut(connectionEnd);
        }
        return false;
    }

    private boolean sendAtOnce() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream(4096);
        whole.writeBytes(head);
        events.forEach(event -> whole.writeBytes(Chunks.of(event)));
        return finish(whole.toByteArray());
    }

    /** Sends so many events at their pace; the head goes with the first. */
    private boolean send(int count) throws InterruptedException {
        Duration pause = wait.dividedBy(Math.max(1, events.size() - AT_ONCE));
        for (int i = 0; i < count; i++) {
            boolean stays = i >= events.size() - AT_ONCE || connection.staysFor(pause);
            if (!stays || !sent(i)) {
                entry.billed(ended(i), i == 0 ? 0 : 200, tokens.upTo((double) i / events.size()));
                return false;
            }
        }
        return true;
    }

    /** A connection that we did not cut was left by the client. */
    private Call.Disposition ended(int eventsSent) {
        if (!connection.wasCut()) {
            return Call.Disposition.CLIENT_GONE;
        }
        return eventsSent == 0 ? Call.Disposition.CUT_BEFORE : Call.Disposition.CUT_DURING;
    }

    private boolean sent(int index) {
        try {
            if (index == 0) {
                connection.write(head);
            }
            connection.write(Chunks.of(events.get(index)));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean finish(byte[] bytes) {
        entry.billed(Call.Disposition.ANSWERED, 200, tokens);
        try {
            connection.write(bytes);
            connection.write(Chunks.last());
            return true;
        } catch (IOException e) {
            entry.billed(ended(events.size()), 200, tokens);
            return false;
        }
    }
}
