package dev.gantry.simulator;

import dev.gantry.simulator.http.Chunks;
import dev.gantry.simulator.http.Reply;
import dev.gantry.simulator.http.ServerConnection;
import dev.gantry.simulator.script.ConnectionEnd;
import dev.gantry.simulator.script.Fault;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Acts out one call to a model as its turn demands, and enters it in the ledger. */
final class ModelCall {
    private static final int FILLER = 64 << 10;

    private final ServerConnection connection;
    private final CallPlan plan;
    private final PlannedAnswer answer;
    private final LedgerLine entry;
    private final BilledTokens tokens;

    ModelCall(ServerConnection connection, CallPlan plan, PlannedAnswer answer, LedgerLine entry) {
        this.connection = connection;
        this.plan = plan;
        this.answer = answer;
        this.entry = entry;
        this.tokens = answer.tokens();
    }

    /** True if the connection can carry another request. */
    boolean act() throws InterruptedException {
        return switch (plan.fault()) {
            case null -> answer.streams() ? stream() : answer(answer.whole());
            case Fault.Refuse refuse -> refuse(answer.refusal(refuse));
            case Fault.RefuseMembers lacks -> {
                Reply refused = answer.refusal(lacks);
                yield refused != null
                        ? refuse(refused)
                        : answer.streams() ? stream() : answer(answer.whole());
            }
            case Fault.Hang(boolean billed) -> hang(billed);
            case Fault.CutBefore(ConnectionEnd connectionEnd, boolean billed) ->
                    cutBefore(connectionEnd, billed);
            case Fault.CutDuring(ConnectionEnd connectionEnd) -> cutDuring(connectionEnd);
            case Fault.CutOnReuse(ConnectionEnd connectionEnd) -> cutOnReuse(connectionEnd);
            case Fault.Truncate _ -> answer(answer.truncated());
            case Fault.Blank _ -> answer(answer.blank());
            case Fault.Oversize oversize -> oversize(oversize);
        };
    }

    private boolean answer(Reply reply) throws InterruptedException {
        if (!connection.staysFor(plan.takes())) {
            return gaveUp();
        }
        entry.billed(Call.Disposition.ANSWERED, reply.status(), tokens);
        return sent(reply.bytes(), reply.status());
    }

    private boolean stream() throws InterruptedException {
        return new StreamedAnswer(connection, plan.takes(), answer, entry).send();
    }

    private boolean refuse(Reply reply) throws InterruptedException {
        if (!connection.staysFor(plan.takes())) {
            entry.free(ended(Call.Disposition.CUT_BEFORE), 0);
            return false;
        }
        entry.free(Call.Disposition.REJECTED, reply.status());
        try {
            connection.write(reply.bytes());
            return true;
        } catch (IOException e) {
            entry.free(ended(Call.Disposition.CUT_DURING), reply.status());
            return false;
        }
    }

    private boolean hang(boolean billed) throws InterruptedException {
        connection.awaitEnd();
        if (billed) {
            entry.billed(Call.Disposition.HUNG, 0, tokens);
        } else {
            entry.free(Call.Disposition.HUNG, 0);
        }
        return false;
    }

    private boolean cutBefore(ConnectionEnd connectionEnd, boolean billed)
            throws InterruptedException {
        if (!connection.staysFor(plan.takes())) {
            return gaveUp();
        }
        if (billed) {
            entry.billed(Call.Disposition.CUT_BEFORE, 0, tokens);
        } else {
            entry.free(Call.Disposition.CUT_BEFORE, 0);
        }
        connection.cut(connectionEnd);
        return false;
    }

    private boolean cutOnReuse(ConnectionEnd connectionEnd) {
        entry.free(Call.Disposition.CUT_BEFORE, 0);
        connection.cut(connectionEnd);
        return false;
    }

    private boolean cutDuring(ConnectionEnd connectionEnd) throws InterruptedException {
        if (answer.streams()) {
            return new StreamedAnswer(connection, plan.takes(), answer, entry).cut(connectionEnd);
        }
        if (!connection.staysFor(plan.takes())) {
            return gaveUp();
        }
        Reply reply = answer.whole();
        byte[] bytes = reply.bytes();
        int body = reply.body().length();
        entry.billed(Call.Disposition.CUT_DURING, reply.status(), tokens);
        if (sent(bytes, bytes.length - body / 2, reply.status())) {
            connection.cut(connectionEnd);
        }
        return false;
    }

    /** The text is filler, written block by block: the answer may be larger than the heap. */
    private boolean oversize(Fault.Oversize oversize) throws InterruptedException {
        if (!connection.staysFor(plan.takes())) {
            return gaveUp();
        }
        byte[] before = answer.beforeText().getBytes(StandardCharsets.UTF_8);
        byte[] after = answer.afterText().getBytes(StandardCharsets.UTF_8);
        long filler = Math.max(0, oversize.bytes() - before.length - after.length);
        entry.billed(Call.Disposition.ANSWERED, 200, tokens);
        return switch (oversize.framing()) {
            case LENGTH ->
                    sent(head("content-length: " + (before.length + filler + after.length)), 200)
                            && sent(before, 200)
                            && sentFiller(filler, oversize)
                            && sent(after, 200);
            case CHUNKED ->
                    sent(head("transfer-encoding: chunked"), 200)
                            && sent(Chunks.of(answer.beforeText()), 200)
                            && sentFiller(filler, oversize)
                            && sent(Chunks.of(answer.afterText()), 200)
                            && sent(Chunks.last(), 200);
        };
    }

    private byte[] head(String framing) {
        return answer.blank().head(framing);
    }

    private boolean sentFiller(long filler, Fault.Oversize oversize) throws InterruptedException {
        byte[] block = "x".repeat(FILLER).getBytes(StandardCharsets.US_ASCII);
        Duration pause = oversize.over().dividedBy(Math.max(1, filler / FILLER));
        for (long left = filler; left > 0; left -= FILLER) {
            int length = (int) Math.min(FILLER, left);
            if (!(pause.isZero() || connection.staysFor(pause))
                    || !sentBlock(block, length, oversize)) {
                return false;
            }
        }
        return true;
    }

    private boolean sentBlock(byte[] block, int length, Fault.Oversize oversize) {
        return switch (oversize.framing()) {
            case LENGTH -> sent(block, length, 200);
            case CHUNKED -> sent(Chunks.of("x".repeat(length)), 200);
        };
    }

    private boolean sent(byte[] bytes, int status) {
        return sent(bytes, bytes.length, status);
    }

    private boolean sent(byte[] bytes, int length, int status) {
        try {
            connection.write(bytes, length);
            return true;
        } catch (IOException e) {
            entry.billed(ended(Call.Disposition.CUT_DURING), status, tokens);
            return false;
        }
    }

    /** A provider bills what it had generated when the client left. */
    private boolean gaveUp() {
        Duration spent = entry.elapsed();
        double share = Math.min(1, (double) spent.toNanos() / Math.max(1, plan.takes().toNanos()));
        entry.billed(ended(Call.Disposition.CUT_BEFORE), 0, tokens.upTo(share));
        return false;
    }

    /** A connection that we did not cut was left by the client. */
    private Call.Disposition ended(Call.Disposition ifCut) {
        return connection.wasCut() ? ifCut : Call.Disposition.CLIENT_GONE;
    }
}
