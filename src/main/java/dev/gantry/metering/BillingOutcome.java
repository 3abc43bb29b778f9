package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.MeterOutcome;

import org.jspecify.annotations.Nullable;

/**
 * How an attempt's end reads on the meter.
 *
 * @param billed what it may have cost where no usage came; usage, once seen, is always priced
 */
record BillingOutcome(MeterOutcome outcome, Billed billed) {
    /** What an attempt without usage may have cost. */
    enum Billed {
        NOTHING,
        UNKNOWN
    }

    static BillingOutcome of(Attempt attempt) {
        AttemptError error = attempt.error();
        if (error == null) {
            return new BillingOutcome(MeterOutcome.SUCCEEDED, Billed.UNKNOWN);
        }
        boolean sent = attempt.answer() != null || error.submitted();
        return sent ? sent(error.kind(), attempt.status()) : unsent(error.kind());
    }

    private static BillingOutcome sent(ErrorKind kind, @Nullable Integer status) {
        MeterOutcome outcome = kind.rule().metered();
        // Not our own clock but the provider's word (408, 504, 524) that one of its own ran out.
        boolean theirs = outcome == MeterOutcome.TIMEOUT && status != null;
        return new BillingOutcome(
                theirs ? MeterOutcome.PROVIDER_ERROR : outcome,
                switch (kind.rule().billed()) {
                    case BY_STATUS -> byStatus(status);
                    case IN_DOUBT -> Billed.UNKNOWN;
                });
    }

    private static BillingOutcome unsent(ErrorKind kind) {
        boolean ours = kind.rule().metered() == MeterOutcome.CANCELLED;
        return new BillingOutcome(
                ours ? MeterOutcome.CANCELLED : MeterOutcome.UNREACHABLE, Billed.NOTHING);
    }

    /**
     * An error status is a refusal to work and costs nothing, unless a proxy may have said it after
     * the model began: 408, 499, 502, 504 and the 52x of proxies. An error inside a 200, or an
     * answer cut before its status, may be billed.
     */
    private static Billed byStatus(@Nullable Integer status) {
        if (status == null || status < 400) {
            return Billed.UNKNOWN;
        }
        return switch (status) {
            case 500, 501, 503, 529 -> Billed.NOTHING;
            case 408, 499 -> Billed.UNKNOWN;
            default -> status < 500 ? Billed.NOTHING : Billed.UNKNOWN;
        };
    }
}
