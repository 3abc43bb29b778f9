package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * One delivery of one request record, decoded.
 *
 * @param execution 128 random bits in base32, minted per delivery; attempt ids derive from it
 * @param receivedAt when this worker took the record
 */
public record InferenceRequest(
        RequestId id,
        String customId,
        @Nullable String batchId,
        SourcePosition source,
        String execution,
        Operation operation,
        RequestBody body,
        RequestOptions options,
        Deadline deadline,
        Trace trace,
        Instant receivedAt) {
    public AttemptId attempt(int number) {
        return new AttemptId(execution, number);
    }

    /**
     * The same delivery of this request, whose record was read again.
     *
     * @param execution as it was minted when the record was delivered
     */
    public InferenceRequest continuing(String execution, Instant receivedAt) {
        return new InferenceRequest(
                id,
                customId,
                batchId,
                source,
                execution,
                operation,
                body,
                options,
                deadline,
                trace,
                receivedAt);
    }

    /** The same as another operation, by which it can be answered. */
    public InferenceRequest as(Operation other, RequestBody translated) {
        return new InferenceRequest(
                id,
                customId,
                batchId,
                source,
                execution,
                other,
                translated,
                options,
                deadline,
                trace,
                receivedAt);
    }

    /** What it needs of a model: by its body, and by what its caller asks of the answer. */
    public Set<Capability> needs() {
        Set<Capability> needs = EnumSet.noneOf(Capability.class);
        needs.addAll(body.facts().needs());
        needs.addAll(options.intent().capabilities());
        if (options.intent().effort() == Effort.REASONING) {
            needs.add(Capability.THINKING);
        }
        return needs;
    }

    /** Whether its answer is to be told as it comes. */
    public boolean streams() {
        return operation.streams() && body.facts().streams();
    }

    /** Who pays: billing.customer, else caller.identity, else "anonymous" (events, common). */
    public String subject() {
        String customer = options.billing().get("customer");
        String identity = options.caller().get("identity");
        if (customer != null && !customer.isBlank()) {
            return customer;
        }
        return identity != null && !identity.isBlank() ? identity : "anonymous";
    }
}
