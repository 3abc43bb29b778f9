package dev.gantry.simulator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Acts out one call to a model as its turn demands, and enters it in the ledger. */
final class ModelCall {
    private static final int FILLER = 64 << 10;

    private final Line line;
    private final Turn turn;
    private final Answer answer;
    private final LedgerLine entry;
    private final Tokens tokens;

    ModelCall(Line line, Turn turn, Answer answer, LedgerLine entry) {
        this.line = line;
        this.turn = turn;
        this.answer = answer;
        this.entry = entry;
        this.tokens = answer.tokens();
    }

    /** True if the connection can carry another request. */
    boolean act() throws InterruptedException {
        return switch (turn.fault()) {
            case null -> answer.streams() ? stream() : answer(answer.whole());
            case Fault.Refuse refuse -> refuse(answer.refusal(refuse));
            case Fault.Hang(boolean billed) -> hang(billed);
            case Fault.CutBefore(Ending ending, boolean billed) -> cutBefore(ending, billed);
            case Fault.CutDuring(Ending ending) -> cutDuring(ending);
            case Fault.CutOnReuse(Ending ending) -> cutOnReuse(ending);
            case Fault.Truncate _ -> answer(answer.truncated());
            case Fault.Blank _ -> answer(answer.blank());
            case Fault.Oversize oversize -> oversize(oversize);
        };
    }

    private boolean answer(Reply reply) throws InterruptedException {
        if (!line.staysFor(turn.takes())) {
            return gaveUp();
        }
        entry.billed(Call.Disposition.ANSWERED, reply.status(), tokens);
        return sent(reply.bytes(), reply.status());
    }

    private boolean stream() throws InterruptedException {
        return new StreamedAnswer(line, turn.takes(), answer, entry).send();
    }

    private boolean refuse(Reply reply) throws InterruptedException {
        if (!line.staysFor(turn.takes())) {
            entry.free(ended(Call.Disposition.CUT_BEFORE), 0);
            return false;
        }
        entry.free(Call.Disposition.REJECTED, reply.status());
        try {
            line.write(reply.bytes());
            return true;
        } catch (IOException e) {
            entry.free(ended(Call.Disposition.CUT_DURING), reply.status());
            return false;
        }
    }

    private boolean hang(boolean billed) throws InterruptedException {
        line.awaitEnd();
        if (billed) {
            entry.billed(Call.Disposition.HUNG, 0, tokens);
        } else {
            entry.free(Call.Disposition.HUNG, 0);
        }
        return false;
    }

    private boolean cutBefore(Ending ending, boolean billed) throws InterruptedException {
        if (!line.staysFor(turn.takes())) {
            return gaveUp();
        }
        if (billed) {
            entry.billed(Call.Disposition.CUT_BEFORE, 0, tokens);
        } else {
            entry.free(Call.Disposition.CUT_BEFORE, 0);
        }
        line.cut(ending);
        return false;
    }

    private boolean cutOnReuse(Ending ending) {
        entry.free(Call.Disposition.CUT_BEFORE, 0);
        line.cut(ending);
        return false;
    }

    private boolean cutDuring(Ending ending) throws InterruptedException {
        if (answer.streams()) {
            return new StreamedAnswer(line, turn.takes(), answer, entry).cut(ending);
        }
        if (!line.staysFor(turn.takes())) {
            return gaveUp();
        }
        Reply reply = answer.whole();
        byte[] bytes = reply.bytes();
        int body = reply.body().length();
        entry.billed(Call.Disposition.CUT_DURING, reply.status(), tokens);
        if (sent(bytes, bytes.length - body / 2, reply.status())) {
            line.cut(ending);
        }
        return false;
    }

    /** The text is filler, written block by block: the answer may be larger than the heap. */
    private boolean oversize(Fault.Oversize oversize) throws InterruptedException {
        if (!line.staysFor(turn.takes())) {
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
            if (!(pause.isZero() || line.staysFor(pause)) || !sentBlock(block, length, oversize)) {
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
            line.write(bytes, length);
            return true;
        } catch (IOException e) {
            entry.billed(ended(Call.Disposition.CUT_DURING), status, tokens);
            return false;
        }
    }

    /** A provider bills what it had generated when the client left. */
    private boolean gaveUp() {
        Duration spent = entry.elapsed();
        double share = Math.min(1, (double) spent.toNanos() / Math.max(1, turn.takes().toNanos()));
        entry.billed(ended(Call.Disposition.CUT_BEFORE), 0, tokens.upTo(share));
        return false;
    }

    /** A connection that we did not cut was left by the client. */
    private Call.Disposition ended(Call.Disposition ifCut) {
        return line.wasCut() ? ifCut : Call.Disposition.CLIENT_GONE;
    }
}
