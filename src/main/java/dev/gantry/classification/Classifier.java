package dev.gantry.classification;

import dev.gantry.inference.Answer;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.Operation;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Unreachable;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Says why a call failed, if it did; pure. */
public final class Classifier {
    /** Where Bedrock names its exception. */
    private static final List<String> EXCEPTION_HEADERS =
            List.of("x-amzn-errortype", ":exception-type");

    /** A used-up period does not come back within it: such a delay is that of a pace beside it. */
    private static final Duration SHORTEST_PERIOD = Duration.ofMinutes(1);

    /**
     * Looks at what the transport met, then at the status and the body.
     *
     * @param vendor whose error codes apply
     * @param now what a date in Retry-After is compared with
     * @return empty if the call succeeded
     */
    public Optional<Classification> classify(
            ProviderReply reply, Operation operation, String vendor, Instant now) {
        return switch (reply) {
            case Answered(Answer answer, Map<String, String> headers) ->
                    ofAnswer(answer, headers, operation, vendor, now);
            case Unreachable(var obstacle, String message) ->
                    network("no connection (%s): %s".formatted(label(obstacle), message));
            case Cut cut -> network("connection lost %s: %s".formatted(when(cut), cut.message()));
            case TimedOut(var after, _) ->
                    failed(
                            ErrorKind.TIMEOUT,
                            Scope.LANE,
                            "no whole answer within %d ms".formatted(after.toMillis()));
            case TooLarge(int status, long limit) -> Optional.of(tooLarge(status, limit, vendor));
            case Cancelled _ -> failed(ErrorKind.CANCELLED, Scope.REQUEST, "given up by us");
        };
    }

    private static Optional<Classification> ofAnswer(
            Answer answer,
            Map<String, String> headers,
            Operation operation,
            String vendor,
            Instant now) {
        boolean ok = answer.status() / 100 == 2;
        if (ok && "content_filter".equals(answer.finishReason())) {
            return failed(
                    ErrorKind.CONTENT_POLICY, Scope.REQUEST, "the answer was cut by a filter");
        }
        if (ok && !"error".equals(answer.finishReason()) && WholeAnswer.in(answer, operation)) {
            return Optional.empty();
        }
        return Optional.of(ofError(answer, headers, vendor, now));
    }

    private static Classification ofError(
            Answer answer, Map<String, String> headers, String vendor, Instant now) {
        ErrorBody body = ErrorBody.of(answer.body());
        String text = Wording.comparable(body.text());
        Set<String> codes = codes(body, headers);
        Failure failure =
                new Failure(
                        status(answer.status(), body.status(), codes),
                        vendor,
                        codes,
                        text,
                        WaitHint.of(headers, body, text, now));
        Rule rule = Rules.first(failure);
        return new Classification(
                rule.kind(),
                rule.scope(),
                Wording.clean(message(answer, body.text())),
                body.code() == null ? null : Wording.label(body.code()),
                wait(rule, failure),
                rule.equals(LimitRules.OVER_QUOTA),
                rule.basis(failure));
    }

    /** Where nothing cools, or not for so short a time, the headers meant something else. */
    private static @Nullable Duration wait(Rule rule, Failure failure) {
        Duration told = failure.retryAfter();
        boolean brief = told != null && told.compareTo(SHORTEST_PERIOD) < 0;
        return rule.scope() == Scope.REQUEST || (rule.kind() == ErrorKind.BILLING && brief)
                ? null
                : told;
    }

    /** A body may know better than the envelope that a gateway put around it. */
    private static int status(int envelope, @Nullable Integer body, Set<String> codes) {
        boolean doubtful = envelope < 400 || envelope >= 500;
        if (body != null && doubtful) {
            return body;
        }
        Integer named = StatusNames.under(envelope, codes);
        return named != null ? named : envelope;
    }

    private static Set<String> codes(ErrorBody body, Map<String, String> headers) {
        Set<String> codes = new HashSet<>(body.codes());
        for (String name : EXCEPTION_HEADERS) {
            String value = headers.get(name);
            if (value != null) {
                codes.add(value.split(":", 2)[0].toLowerCase(Locale.ROOT));
            }
        }
        return codes;
    }

    private static String message(Answer answer, String said) {
        if (!said.isEmpty()) {
            return "HTTP %d: %s".formatted(answer.status(), said);
        }
        if (answer.body().size() == 0) {
            return "HTTP %d, empty".formatted(answer.status());
        }
        return "HTTP %d, %d bytes that %s"
                .formatted(
                        answer.status(),
                        answer.body().size(),
                        answer.body().isJson() ? "hold no answer" : "are not JSON");
    }

    private static Classification tooLarge(int status, long limit, String vendor) {
        String message = "HTTP %d, answer exceeds %d bytes".formatted(status, limit);
        if (status < 400) {
            return Classification.of(ErrorKind.SERVER, Scope.REQUEST, message, Basis.FACT);
        }
        Failure failure = new Failure(status, vendor, Set.of(), "", null);
        Rule rule = Rules.first(failure);
        return Classification.of(rule.kind(), rule.scope(), message, rule.basis(failure));
    }

    private static Optional<Classification> failed(ErrorKind kind, Scope scope, String message) {
        return Optional.of(Classification.of(kind, scope, message, Basis.SUSPICION));
    }

    private static Optional<Classification> network(String message) {
        return failed(ErrorKind.NETWORK, Scope.LANE, message);
    }

    private static String when(Cut cut) {
        return cut.answerBegun() ? "while answering" : "before an answer";
    }

    private static String label(Obstacle obstacle) {
        return obstacle.name().toLowerCase(Locale.ROOT);
    }
}
