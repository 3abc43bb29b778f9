package dev.gantry.escalation;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Payload;
import dev.gantry.inference.Usage;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.Unreachable;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** What providers say. */
final class Replies {
    static final ProviderReply OK =
            answered(
                    200,
                    "{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}",
                    new Usage(10L, null, null, 5L, null, Map.of(), null));
    static final ProviderReply RATE_LIMITED = error(429, "Rate limit reached, try again in 20s");
    static final ProviderReply OVERLOADED = error(503, "The server is overloaded");
    static final ProviderReply BROKEN = error(500, "Internal server error");
    static final ProviderReply BAD_REQUEST = error(400, "messages: Field required");
    static final ProviderReply BAD_KEY = error(401, "Unauthorized");
    static final ProviderReply NO_CREDIT = error(402, "Insufficient Balance");
    static final ProviderReply FLAGGED =
            error(400, "Your prompt was flagged as violating our usage policy");
    static final ProviderReply TOO_LONG =
            error(400, "This model's maximum context length is 4096 tokens");
    static final ProviderReply OVER_QUOTA =
            error(429, "Request too large for m on tokens per min (TPM): Limit 200, Requested 480");
    static final ProviderReply REFUSED = new Unreachable(Obstacle.REFUSED, "connection refused");
    static final ProviderReply NO_HOST = new Unreachable(Obstacle.UNKNOWN_HOST, "no such host");
    static final ProviderReply NO_TLS = new Unreachable(Obstacle.TLS, "certificate expired");
    static final ProviderReply STALE = new Cut(true, false, Duration.ofMillis(3), "reset");
    static final ProviderReply TIMED_OUT = new TimedOut(Duration.ofSeconds(60), true);

    private Replies() {}

    static ProviderReply error(int status, String message) {
        return answered(status, "{\"error\":{\"message\":\"%s\"}}".formatted(message), null);
    }

    /** The same with one header. */
    static ProviderReply saying(ProviderReply reply, String name, String value) {
        return new Answered(((Answered) reply).answer(), Map.of(name, value));
    }

    static ProviderReply answered(int status, String json, @Nullable Usage usage) {
        return new Answered(
                new Answer(
                        status,
                        Payload.json(json.getBytes(StandardCharsets.UTF_8)),
                        "req-1",
                        null,
                        null,
                        null,
                        null,
                        usage),
                Map.of());
    }
}
