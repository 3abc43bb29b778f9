package dev.gantry.audit;

import dev.gantry.inference.Assignment;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Payload;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/** What stays on the record: one per attempt, and one per request that failed. */
public sealed interface AuditEvent {
    InferenceRequest request();

    /** {@code success}, {@code error} or the terminal code of a request. */
    String status();

    @Nullable Fault fault();

    Duration latency();

    /** When what it tells of happened. */
    Instant time();

    Disclosure content();

    /** Whether content was left out because the event was too large to send. */
    boolean truncated();

    /** The CloudEvents type. */
    String type();

    /** The CloudEvents id. */
    String id();

    /** The same event without content, for when it was too large to send. */
    AuditEvent condensed(ContentPolicy policy);

    /**
     * Why it failed.
     *
     * @param message free of secrets
     */
    record Fault(String kind, String message) {
        /** The provider's words are content: they stand only where content does. */
        private static Fault told(Disclosure content, String kind, String own, String reason) {
            String message = content instanceof Disclosure.Full ? own : reason;
            return new Fault(kind, Scrubber.scrub(message));
        }
    }

    /**
     * How a request failed.
     *
     * @param status the terminal code
     * @param message the request's own: it may quote providers
     * @param reason the same without their words
     */
    record End(String status, String message, String reason) {}

    /** An attempt that has ended. */
    record AttemptAudited(
            InferenceRequest request, Attempt attempt, Disclosure content, boolean truncated)
            implements AuditEvent {
        @Override
        public String status() {
            return attempt.succeeded() ? "success" : "error";
        }

        @Override
        public @Nullable Fault fault() {
            AttemptError error = attempt.error();
            return error == null
                    ? null
                    : Fault.told(content, error.kind().label(), error.message(), error.reason());
        }

        @Override
        public Duration latency() {
            return attempt.took();
        }

        @Override
        public Instant time() {
            return attempt.dispatch().startedAt().plus(attempt.took());
        }

        @Override
        public String type() {
            return "dev.gantry.attempt.audited.v1";
        }

        @Override
        public String id() {
            return attempt.id().value() + "/audit";
        }

        @Override
        public AuditEvent condensed(ContentPolicy policy) {
            Disclosure left =
                    content instanceof Disclosure.Full
                            ? policy.condense(request, answer(attempt))
                            : content;
            return new AttemptAudited(request, attempt.bodiless(), left, true);
        }
    }

    /**
     * A request that ended without the answer it asked for.
     *
     * @param last where it was sent last; null: nowhere
     * @param assignment of a tier; null: none
     */
    record RequestAudited(
            InferenceRequest request,
            End end,
            int attempts,
            Attempt.@Nullable Dispatch last,
            @Nullable Assignment assignment,
            Instant time,
            Disclosure content,
            boolean truncated)
            implements AuditEvent {
        @Override
        public String status() {
            return end.status();
        }

        @Override
        public Fault fault() {
            return Fault.told(content, end.status(), end.message(), end.reason());
        }

        @Override
        public Duration latency() {
            Duration latency = Duration.between(request.receivedAt(), time);
            return latency.isNegative() ? Duration.ZERO : latency;
        }

        @Override
        public String type() {
            return "dev.gantry.request.audited.v1";
        }

        @Override
        public String id() {
            return request.execution() + "/audit";
        }

        @Override
        public AuditEvent condensed(ContentPolicy policy) {
            Disclosure left =
                    content instanceof Disclosure.Full ? policy.condense(request, null) : content;
            return new RequestAudited(request, end, attempts, last, assignment, time, left, true);
        }
    }

    static AuditEvent of(InferenceRequest request, Attempt attempt, ContentPolicy policy) {
        Disclosure content = policy.disclose(request, answer(attempt));
        return new AttemptAudited(request, attempt, content, false);
    }

    /** A request that failed. */
    static AuditEvent of(
            Conclusion conclusion,
            End end,
            @Nullable Assignment assignment,
            Instant time,
            ContentPolicy policy) {
        Attempt decisive = conclusion.decisive();
        return new RequestAudited(
                conclusion.request(),
                end,
                conclusion.attempts().size(),
                decisive == null ? null : decisive.dispatch(),
                assignment,
                time,
                policy.disclose(conclusion.request(), null),
                false);
    }

    private static @Nullable Payload answer(Attempt attempt) {
        return attempt.answer() == null ? null : attempt.answer().body();
    }
}
