package dev.gantry.observe;

import dev.gantry.event.ResultOutcome;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** One line per request outcome; never a prompt, a key or an answer. */
final class OutcomeLog {
    private static final Logger log = LoggerFactory.getLogger("dev.gantry.outcome");

    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final int FINGERPRINT_BYTES = 6;

    private final double loggedSuccesses;
    private final AtomicLong successes = new AtomicLong();
    private final InstantSource clock;

    /**
     * @param loggedSuccesses the share of successes that are logged at INFO, 0 to 1
     */
    OutcomeLog(double loggedSuccesses, InstantSource clock) {
        this.loggedSuccesses = loggedSuccesses;
        this.clock = clock;
    }

    void concluded(Conclusion conclusion) {
        AttemptError ours = malformed(conclusion.outcome());
        Level level = level(conclusion.outcome(), ours);
        if (!log.isEnabledForLevel(level)) {
            return;
        }
        LoggingEventBuilder line =
                log.atLevel(level)
                        .addKeyValue("request_id", conclusion.request().id().value())
                        .addKeyValue("outcome", ResultOutcome.word(conclusion.outcome()))
                        .addKeyValue("attempts", conclusion.attempts().size())
                        .addKeyValue("took_ms", took(conclusion).toMillis());
        Attempt decisive = conclusion.decisive();
        if (decisive != null) {
            line = line.addKeyValue("lane", decisive.lane().value());
        }
        if (conclusion.outcome() instanceof Outcome.Failed(var code, _, _)) {
            line = line.addKeyValue("code", code.label());
        }
        if (ours != null) {
            // Its sender's, or this gateway's: no lane is at fault.
            line = line.addKeyValue("kind", ours.kind().label()).addKeyValue("code", ours.code());
        }
        line.log("request ended");
    }

    private Level level(Outcome outcome, @Nullable AttemptError ours) {
        if (outcome instanceof Outcome.Succeeded) {
            return isLogged(successes.incrementAndGet(), loggedSuccesses)
                    ? Level.INFO
                    : Level.DEBUG;
        }
        return ours == null ? Level.INFO : Level.WARN;
    }

    /** Evenly spread: of a share of 0.01 every hundredth. */
    static boolean isLogged(long nth, double share) {
        return Math.floor(nth * share) > Math.floor((nth - 1) * share);
    }

    /** A provider found fault with the request's form. */
    private static @Nullable AttemptError malformed(Outcome outcome) {
        AttemptError error = outcome instanceof Outcome.Refused(Attempt last) ? last.error() : null;
        return error != null && error.kind() == ErrorKind.BAD_REQUEST ? error : null;
    }

    /**
     * A failure that no rule knows: enough to find it again and to write one, and none of the
     * provider's words, which may be the request's own.
     */
    void unknown(Attempt attempt, AttemptError error) {
        log.atWarn()
                .addKeyValue("attempt_id", attempt.id().value())
                .addKeyValue("lane", attempt.lane().value())
                .addKeyValue("status", attempt.status())
                .addKeyValue("code", error.code())
                .addKeyValue("fingerprint", fingerprint(error.message()))
                .log("failure of an unknown kind");
    }

    /** The same for texts that differ in numbers only. */
    private static String fingerprint(String text) {
        try {
            byte[] form = NUMBER.matcher(text).replaceAll("#").getBytes(StandardCharsets.UTF_8);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(form);
            return HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    void rejected(Rejection rejection) {
        log.atInfo()
                .addKeyValue("source", rejection.record().position())
                .addKeyValue("outcome", ResultOutcome.word(rejection.code()))
                .addKeyValue("code", rejection.code().label())
                .addKeyValue("reason", rejection.message())
                .log("request ended");
    }

    private Duration took(Conclusion conclusion) {
        return Duration.between(conclusion.request().receivedAt(), clock.instant());
    }
}
