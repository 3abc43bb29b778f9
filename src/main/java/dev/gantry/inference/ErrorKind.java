package dev.gantry.inference;

import static dev.gantry.inference.AttemptUse.ATTEMPT;
import static dev.gantry.inference.AttemptUse.FREE;
import static dev.gantry.inference.AttemptUse.REFUSAL;
import static dev.gantry.inference.FailoverAction.ABANDON;
import static dev.gantry.inference.FailoverAction.FAIL;
import static dev.gantry.inference.FailoverAction.LARGER_WINDOW;
import static dev.gantry.inference.FailoverAction.NEXT_LANE;
import static dev.gantry.inference.FailoverAction.OTHER_LANE;
import static dev.gantry.inference.FailoverAction.STOP;
import static dev.gantry.inference.FailureRule.Billed.BY_STATUS;
import static dev.gantry.inference.FailureRule.Billed.IN_DOUBT;
import static dev.gantry.inference.FailureRule.Cools.ACCOUNT;
import static dev.gantry.inference.FailureRule.Cools.ENDPOINT;
import static dev.gantry.inference.FailureRule.Cools.LANE;
import static dev.gantry.inference.FailureRule.Cools.MODEL;
import static dev.gantry.inference.FailureRule.Cools.NOTHING;
import static dev.gantry.inference.FailureRule.Cools.QUOTA;
import static dev.gantry.inference.FailureRule.Room.LIMITED;
import static dev.gantry.inference.FailureRule.Room.SERVED;
import static dev.gantry.inference.FailureRule.Room.SILENT;
import static dev.gantry.inference.FailureRule.Room.STRAINED;
import static dev.gantry.inference.FailureRule.Weight.AS_STATED;
import static dev.gantry.inference.FailureRule.Weight.AT_ONCE;
import static dev.gantry.inference.FailureRule.Weight.COUNTED;
import static dev.gantry.inference.FailureRule.Weight.NEVER;
import static dev.gantry.inference.MeterOutcome.INVALID;
import static dev.gantry.inference.MeterOutcome.PROVIDER_ERROR;
import static dev.gantry.inference.MeterOutcome.REFUSED;
import static dev.gantry.inference.MeterOutcome.THROTTLED;

import java.util.Locale;

/**
 * Why a call failed; in the order in which ties are settled, each with what follows from it: the
 * one failure table (routing rules, section 3).
 */
public enum ErrorKind {
    CANCELLED(ABANDON, ATTEMPT, NOTHING, NEVER, SILENT, MeterOutcome.CANCELLED, IN_DOUBT, 0),
    POLICY_DENIED(STOP, ATTEMPT, NOTHING, NEVER, SILENT, REFUSED, BY_STATUS, 0),
    CONTENT_POLICY(STOP, ATTEMPT, NOTHING, NEVER, SERVED, REFUSED, BY_STATUS, 0),
    CONTEXT_OVERFLOW(LARGER_WINDOW, ATTEMPT, NOTHING, NEVER, SERVED, INVALID, BY_STATUS, 0),
    BILLING(NEXT_LANE, REFUSAL, ACCOUNT, AT_ONCE, SILENT, INVALID, BY_STATUS, 2),
    MODEL_MISSING(OTHER_LANE, REFUSAL, MODEL, AT_ONCE, SILENT, INVALID, BY_STATUS, 2),
    AUTH(NEXT_LANE, REFUSAL, ENDPOINT, AT_ONCE, SILENT, INVALID, BY_STATUS, 2),
    // A lane that has too much to do refuses whoever comes: no request is to blame.
    RATE_LIMIT(NEXT_LANE, FREE, QUOTA, AS_STATED, LIMITED, THROTTLED, BY_STATUS, 0),
    BAD_REQUEST(STOP, ATTEMPT, NOTHING, NEVER, SERVED, INVALID, BY_STATUS, 0),
    TIMEOUT(NEXT_LANE, ATTEMPT, LANE, COUNTED, SILENT, MeterOutcome.TIMEOUT, IN_DOUBT, 3),
    OVERLOADED(NEXT_LANE, FREE, LANE, COUNTED, STRAINED, THROTTLED, BY_STATUS, 0),
    SERVER(NEXT_LANE, ATTEMPT, LANE, COUNTED, SILENT, PROVIDER_ERROR, BY_STATUS, 3),
    // Reset, closed or cut short: the provider may have worked on it.
    NETWORK(NEXT_LANE, ATTEMPT, LANE, COUNTED, SILENT, PROVIDER_ERROR, IN_DOUBT, 3),
    // A bug of ours gives the call up, like a cancellation.
    INTERNAL(FAIL, ATTEMPT, NOTHING, NEVER, SILENT, MeterOutcome.CANCELLED, IN_DOUBT, 0),
    UNKNOWN(OTHER_LANE, ATTEMPT, LANE, COUNTED, SILENT, PROVIDER_ERROR, BY_STATUS, 3);

    private final String label = name().toLowerCase(Locale.ROOT);

    @SuppressWarnings("ImmutableEnumChecker") // a record of enums and a number
    private final FailureRule rule;

    ErrorKind(
            FailoverAction next,
            AttemptUse use,
            FailureRule.Cools cools,
            FailureRule.Weight weight,
            FailureRule.Room room,
            MeterOutcome metered,
            FailureRule.Billed billed,
            int alike) {
        rule = new FailureRule(next, use, cools, weight, room, metered, billed, alike);
    }

    /** What follows from it. */
    public FailureRule rule() {
        return rule;
    }

    /** The word used in results and events. */
    public String label() {
        return label;
    }
}
