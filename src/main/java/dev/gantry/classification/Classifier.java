package dev.gantry.classification;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.Stalled;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Undecodable;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.provider.ProviderReply.Untranslatable;

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
            ProviderReply reply, InferenceRequest request, String vendor, Instant now) {
        return switch (reply) {
            case Answered(Answer answer, Map<String, String> headers) ->
                    ofAnswer(new Heard(answer, headers, request, vendor, now));
            case Unreachable(var obstacle, String message) ->
                    network("no connection (%s)".formatted(label(obstacle)), message);
            case Cut cut -> network("connection lost " + when(cut), cut.message());
            case TimedOut(var after, _) ->
                    failed(
                            ErrorKind.TIMEOUT,
                            Scope.LANE,
                            "no whole answer within %d ms".formatted(after.toMillis()));
            case Stalled(var silence) ->
                    failed(
                            ErrorKind.TIMEOUT,
                            Scope.LANE,
                            "no further byte of the answer within %d ms"
                                    .formatted(silence.toMillis()));
            case TooLarge(int status, long limit) ->
                    Optional.of(
                            unread(
                                    status,
                                    "answer exceeds %d bytes".formatted(limit),
                                    Scope.REQUEST,
                                    vendor));
            case Undecodable(int status, String coding) ->
                    Optional.of(
                            unread(
                                    status,
                                    "answer in content-encoding %s, which was not asked for"
                                            .formatted(coding),
                                    Scope.LANE,
                                    vendor));
            case Untranslatable(Dialect dialect, String why) -> Optional.of(untold(dialect, why));
            case Cancelled _ -> failed(ErrorKind.CANCELLED, Scope.REQUEST, "given up by us");
        };
    }

    /** An answer and what it has to be read with. */
    private record Heard(
            Answer answer,
            Map<String, String> headers,
            InferenceRequest request,
            String vendor,
            Instant now) {
        boolean claimsSuccess() {
            return answer.status() / 100 == 2;
        }
    }

    private static Optional<Classification> ofAnswer(Heard heard) {
        if (!heard.claimsSuccess()) {
            return Optional.of(ofError(heard));
        }
        Answer answer = heard.answer();
        return switch (FinishReason.of(answer.finishReason())) {
            case WHOLE, CUT, UNLISTED ->
                    WholeAnswer.in(answer, heard.request().operation())
                            ? Optional.empty()
                            : Optional.of(ofError(heard));
            case REFUSED -> broken(ErrorKind.CONTENT_POLICY, Scope.REQUEST, answer);
            case OVERLOADED -> broken(ErrorKind.OVERLOADED, Scope.LANE, answer);
            case FAILED -> Optional.of(ofError(heard));
        };
    }

    private static Optional<Classification> broken(ErrorKind kind, Scope scope, Answer answer) {
        return failed(kind, scope, "HTTP %d%s".formatted(answer.status(), finish(answer)));
    }

    private static String finish(Answer answer) {
        String reason = answer.finishReason();
        return reason == null || !Wording.isCode(reason) ? "" : ", finish reason " + reason;
    }

    private static Classification ofError(Heard heard) {
        Answer answer = heard.answer();
        ErrorBody body = ErrorBody.of(answer.said());
        String said = Wording.comparable(body.text());
        String own = VendorSpeech.in(said);
        Set<String> codes = codes(body, said, heard.headers());
        Failure whole =
                Failure.of(
                        status(answer.status(), body.status(), codes),
                        heard.vendor(),
                        codes,
                        own,
                        body.isPage(),
                        WaitHint.of(heard.headers(), body, own, heard.vendor(), heard.now()));
        Rule first = Rules.first(whole);
        boolean echoed = first.restsOnWords(whole) && !first.says(Rules.first(whole.mute()));
        Failure failure = echoed ? whole.withoutEcho(heard.request().body()) : whole;
        Rule rule = echoed ? Rules.first(failure) : first;
        String code = SharedWords.holds(heard.request().body(), body.code()) ? null : body.code();
        String reason = reason(answer, code, rule.found(failure));
        return new Classification(
                rule.kind(),
                rule.scope(),
                heard.claimsSuccess() ? reason : Wording.clean(message(answer, body.text())),
                reason,
                code,
                wait(rule, failure),
                rule.is(LimitRules.OVER_QUOTA),
                rule.basis(failure),
                objection(rule, heard, said));
    }

    /** An answer of status 200 may have been paid for: nothing is tried again because of it. */
    private static @Nullable Objection objection(Rule rule, Heard heard, String said) {
        return rule.kind() == ErrorKind.BAD_REQUEST && !heard.claimsSuccess()
                ? ObjectionReader.read(heard.answer().said(), said, heard.request().body())
                : null;
    }

    /** What anybody may read: nothing of the provider's but a status and a code. */
    private static String reason(Answer answer, @Nullable String code, String found) {
        return "%s%s, rule %s"
                .formatted(
                        answer.status() / 100 == 2 ? shape(answer) : "HTTP " + answer.status(),
                        code == null ? "" : ", code " + code,
                        found);
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

    private static Set<String> codes(ErrorBody body, String said, Map<String, String> headers) {
        Set<String> codes = new HashSet<>(body.codes());
        if (OverQuota.in(said)) {
            codes.add(OverQuota.CODE);
        }
        for (String name : EXCEPTION_HEADERS) {
            String value = headers.get(name);
            if (value != null) {
                codes.add(value.split(":", 2)[0].toLowerCase(Locale.ROOT));
            }
        }
        return codes;
    }

    private static String message(Answer answer, String said) {
        return said.isEmpty() ? shape(answer) : "HTTP %d: %s".formatted(answer.status(), said);
    }

    private static String shape(Answer answer) {
        String finish = finish(answer);
        if (!finish.isEmpty() || answer.said().size() == 0) {
            return "HTTP %d%s".formatted(answer.status(), finish.isEmpty() ? ", empty" : finish);
        }
        return "HTTP %d, %d bytes that %s"
                .formatted(
                        answer.status(),
                        answer.said().size(),
                        answer.said().isJson() ? "hold no answer" : "are not JSON");
    }

    /**
     * @param reach of what an answer says that is no error
     */
    private static Classification unread(int status, String why, Scope reach, String vendor) {
        String message = "HTTP %d, %s".formatted(status, why);
        if (status < 400) {
            return Classification.of(ErrorKind.SERVER, reach, message, Basis.FACT);
        }
        Failure failure = Failure.silent(status, vendor);
        Rule rule = Rules.first(failure);
        return Classification.of(rule.kind(), rule.scope(), message, rule.basis(failure));
    }

    /** Another provider may speak a dialect that has a form for it. */
    private static Classification untold(Dialect dialect, String why) {
        String said = "dialect %s: %s".formatted(dialect.label(), why);
        return new Classification(
                ErrorKind.BAD_REQUEST,
                Scope.REQUEST,
                Wording.clean(said),
                Wording.clean(said),
                null,
                null,
                false,
                Basis.FACT,
                new Objection.Foreign(Set.of()));
    }

    private static Optional<Classification> failed(ErrorKind kind, Scope scope, String message) {
        return Optional.of(Classification.of(kind, scope, message, Basis.SUSPICION));
    }

    /** What the transport says may hold bytes of the answer: they are the request's own. */
    private static Optional<Classification> network(String what, String more) {
        return Optional.of(
                new Classification(
                        ErrorKind.NETWORK,
                        Scope.LANE,
                        Wording.clean(what + ": " + more),
                        what,
                        null,
                        null,
                        false,
                        Basis.SUSPICION,
                        null));
    }

    private static String when(Cut cut) {
        return cut.answerBegun() ? "while answering" : "before an answer";
    }

    private static String label(Obstacle obstacle) {
        return obstacle.name().toLowerCase(Locale.ROOT);
    }
}
