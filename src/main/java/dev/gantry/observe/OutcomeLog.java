package dev.gantry.observe;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

import java.time.Duration;
import java.time.InstantSource;

/** One line per request outcome; never a prompt, a key or an answer. */
final class OutcomeLog {
    private static final Logger log = LoggerFactory.getLogger("dev.gantry.outcome");

    private final InstantSource clock;

    OutcomeLog(InstantSource clock) {
        this.clock = clock;
    }

    void concluded(Conclusion conclusion) {
        if (!log.isInfoEnabled()) {
            return;
        }
        LoggingEventBuilder line =
                log.atInfo()
                        .addKeyValue("requestId", conclusion.request().id().value())
                        .addKeyValue("verdict", verdict(conclusion.outcome()))
                        .addKeyValue("attempts", conclusion.attempts().size())
                        .addKeyValue("tookMs", took(conclusion).toMillis());
        Attempt last = conclusion.attempts().isEmpty() ? null : conclusion.attempts().getLast();
        if (last != null) {
            line = line.addKeyValue("lane", last.lane().value());
        }
        line.log("request ended");
    }

    void rejected(Rejection rejection) {
        log.atInfo()
                .addKeyValue("source", rejection.record().position())
                .addKeyValue("verdict", rejection.code().label())
                .addKeyValue("reason", rejection.message())
                .log("request ended");
    }

    /** The word for logs and metrics; bounded. */
    static String verdict(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded _ -> "succeeded";
            case Outcome.Refused _ -> "refused";
            case Outcome.Failed(var code, _, _) -> code.label();
            case Outcome.Abandoned _ -> "abandoned";
        };
    }

    private Duration took(Conclusion conclusion) {
        return Duration.between(conclusion.request().receivedAt(), clock.instant());
    }
}
