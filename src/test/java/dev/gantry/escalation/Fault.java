package dev.gantry.escalation;

import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Usage;
import dev.gantry.provider.ProviderReply;

import java.util.Map;

/** What a lane may do to a request, and what of it is known without any rule. */
enum Fault {
    NONE(Replies.OK, AttemptUse.ATTEMPT, Billed.YES),
    RATE_LIMITED(Replies.RATE_LIMITED, AttemptUse.FREE, Billed.NO),
    LIMITED_FOR_A_WHILE(
            Replies.error(429, "Rate limit reached, try again in 90s"), AttemptUse.FREE, Billed.NO),
    OVERLOADED(Replies.OVERLOADED, AttemptUse.FREE, Billed.NO),
    BAD_KEY(Replies.BAD_KEY, AttemptUse.REFUSAL, Billed.NO),
    NO_CREDIT(Replies.NO_CREDIT, AttemptUse.REFUSAL, Billed.NO),
    NO_MODEL(Replies.error(404, "The model `m` does not exist"), AttemptUse.REFUSAL, Billed.NO),
    REFUSED(Replies.REFUSED, AttemptUse.REFUSAL, Billed.NO),
    NO_HOST(Replies.NO_HOST, AttemptUse.ATTEMPT, Billed.NO),
    NO_TLS(Replies.NO_TLS, AttemptUse.ATTEMPT, Billed.NO),
    BROKEN(Replies.BROKEN, AttemptUse.ATTEMPT, Billed.NO),
    BROKEN_BUT_BILLED(
            Replies.answered(500, "{\"error\":{\"message\":\"oops\"}}", Fault.usage()),
            AttemptUse.ATTEMPT,
            Billed.YES),
    OVERLOADED_BUT_BILLED(
            Replies.answered(503, "{\"error\":{\"message\":\"busy\"}}", Fault.usage()),
            AttemptUse.ATTEMPT,
            Billed.YES),
    BAD_GATEWAY(Replies.error(502, "Bad gateway"), AttemptUse.ATTEMPT, Billed.MAYBE),
    ODD(Replies.error(405, "Method Not Allowed"), AttemptUse.ATTEMPT, Billed.NO),
    TOO_LONG(Replies.TOO_LONG, AttemptUse.ATTEMPT, Billed.NO),
    OVER_QUOTA(Replies.OVER_QUOTA, AttemptUse.ATTEMPT, Billed.NO),
    UNSUPPORTED(
            Replies.error(400, "Unsupported parameter: 'temperature'"),
            AttemptUse.ATTEMPT,
            Billed.NO),
    BAD_REQUEST(Replies.BAD_REQUEST, AttemptUse.ATTEMPT, Billed.NO),
    FLAGGED(Replies.FLAGGED, AttemptUse.ATTEMPT, Billed.NO),
    STALE(Replies.STALE, AttemptUse.ATTEMPT, Billed.MAYBE),
    TIMED_OUT(Replies.TIMED_OUT, AttemptUse.ATTEMPT, Billed.MAYBE);

    /** Whether the provider charges for it. */
    enum Billed {
        YES,
        NO,
        MAYBE
    }

    @SuppressWarnings("ImmutableEnumChecker") // a record of constants
    private final ProviderReply reply;

    private final AttemptUse use;
    private final Billed billed;

    Fault(ProviderReply reply, AttemptUse use, Billed billed) {
        this.reply = reply;
        this.use = use;
        this.billed = billed;
    }

    ProviderReply reply() {
        return reply;
    }

    AttemptUse use() {
        return use;
    }

    Billed billed() {
        return billed;
    }

    boolean answered() {
        return reply instanceof ProviderReply.Answered;
    }

    private static Usage usage() {
        return new Usage(10L, null, null, 5L, null, Map.of(), null);
    }
}
