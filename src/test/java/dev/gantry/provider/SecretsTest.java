package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.net.URI;
import java.util.Map;

/** No reply, message or toString may hold what the configuration calls a secret. */
class SecretsTest {
    private static final String HIDDEN = "hidden-value";

    @Test
    void noReplyHoldsTheKeyOrAHeader() throws IOException {
        String[] answers = {
            "",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
            "garbage " + HIDDEN + "\r\n",
            "HTTP/1.1 200 OK\r\nbroken " + HIDDEN + "\r\n\r\n",
            "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}"
        };
        for (String answer : answers) {
            ProviderReply reply = replyTo(answer);

            assertThat(reply.toString()).doesNotContain(EndpointDraft.KEY, HIDDEN);
        }
    }

    @Test
    void noReplyWithoutConnectionHoldsThem() {
        Endpoint nowhere =
                new EndpointDraft(URI.create("http://no-such-host.invalid/v1?key=" + HIDDEN))
                        .headers(Map.of("x-team", HIDDEN))
                        .build();
        try (OneEndpoint providers = Calls.providers(nowhere)) {
            ProviderReply reply = Calls.call(providers);

            assertThat(reply.toString()).doesNotContain(EndpointDraft.KEY, HIDDEN);
        }
    }

    @Test
    void anEndpointShowsNone() {
        Endpoint endpoint =
                new EndpointDraft(URI.create("http://host/v1?key=" + HIDDEN))
                        .headers(Map.of("x-team", HIDDEN))
                        .build();

        assertThat(endpoint.toString())
                .contains("sim:main")
                .doesNotContain(EndpointDraft.KEY, HIDDEN);
    }

    private static ProviderReply replyTo(String raw) throws IOException {
        return Calls.replyTo(raw, DataSize.ofMegabytes(1), Map.of("x-team", HIDDEN));
    }
}
