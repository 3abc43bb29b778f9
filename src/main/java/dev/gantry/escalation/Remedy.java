package dev.gantry.escalation;

import dev.gantry.classification.Classification;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Undecodable;
import dev.gantry.provider.ProviderReply.Unreachable;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** What an ended attempt calls for: the column "next" of the routing rules, section 3. */
enum Remedy {
    /** The request is answered. */
    DONE,
    /** The provider's answer ends the request: asking elsewhere would be shopping around. */
    STOP,
    /** We were told to give up. */
    ABANDON,
    /** The answer exists and is paid for, but nobody can carry it. */
    TOO_LARGE,
    /** Only a bug of ours can have done this. */
    BUG,
    /** Only a lane with a larger window can help. */
    LARGER_WINDOW,
    /** Nothing was sent, or the connection was dead before we wrote: the same lane once more. */
    SAME_LANE,
    /** Another lane; this one may be well again later. */
    NEXT_LANE,
    /** Another lane; this one will not do for this request however long it waits. */
    OTHER_LANE;

    /** A kept-alive connection that the far side had closed says so at once. */
    private static final Duration STALE = Duration.ofSeconds(1);

    static Remedy of(ProviderReply reply, @Nullable Classification failure) {
        if (failure == null) {
            return DONE;
        }
        return switch (failure.kind()) {
            case CANCELLED -> ABANDON;
            case POLICY_DENIED, CONTENT_POLICY, BAD_REQUEST -> STOP;
            case INTERNAL -> BUG;
            case CONTEXT_OVERFLOW -> failure.quotaTooSmall() ? OTHER_LANE : LARGER_WINDOW;
            case NETWORK -> ofNetwork(reply);
            case SERVER ->
                    reply instanceof TooLarge(int status, _) && status < 400
                            ? TOO_LARGE
                            : NEXT_LANE;
            case BILLING, AUTH, RATE_LIMIT, TIMEOUT, OVERLOADED -> NEXT_LANE;
            case MODEL_MISSING, UNKNOWN -> OTHER_LANE;
        };
    }

    /** Whether the lane may be asked again in a later round (routing rules, section 2). */
    boolean mayReopen() {
        return switch (this) {
            case SAME_LANE, NEXT_LANE -> true;
            case DONE, STOP, ABANDON, TOO_LARGE, BUG, LARGER_WINDOW, OTHER_LANE -> false;
        };
    }

    private static Remedy ofNetwork(ProviderReply reply) {
        return switch (reply) {
            case Unreachable(var obstacle, _) ->
                    switch (obstacle) {
                        case REFUSED, UNKNOWN_HOST, TLS -> SAME_LANE;
                        case CONNECT_TIMEOUT, OTHER -> NEXT_LANE;
                    };
            case Cut cut -> stale(cut) ? SAME_LANE : NEXT_LANE;
            case Answered _, TimedOut _, TooLarge _, Undecodable _, Cancelled _ -> NEXT_LANE;
        };
    }

    private static boolean stale(Cut cut) {
        return cut.reused() && !cut.answerBegun() && cut.sinceWritten().compareTo(STALE) <= 0;
    }
}
