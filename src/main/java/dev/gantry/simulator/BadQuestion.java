package dev.gantry.simulator;

import dev.gantry.simulator.http.Reply;

import org.jspecify.annotations.Nullable;

/** A request that no model could answer. Without a stack: it is the caller's mistake, not ours. */
final class BadQuestion extends Exception {
    private final String said;
    private final @Nullable String param;
    private final @Nullable String code;

    BadQuestion(String said, @Nullable String param, @Nullable String code) {
        super(said, null, false, false);
        this.said = said;
        this.param = param;
        this.code = code;
    }

    static BadQuestion notJson() {
        return new BadQuestion(
                "We could not parse the JSON body of your request. (HINT: This likely means you"
                        + " aren't using your HTTP library correctly. The OpenAI API expects a JSON"
                        + " payload, but what was sent was not valid JSON.)",
                null,
                null);
    }

    Reply reply(Protocol protocol) {
        return protocol.error(400, said, param, code);
    }
}
