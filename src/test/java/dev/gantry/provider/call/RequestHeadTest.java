package dev.gantry.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Trace;
import dev.gantry.provider.Calls;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.EndpointDraft;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.URI;
import java.util.Map;

class RequestHeadTest {
    @ParameterizedTest
    @CsvSource({
        "http://h/v1,       /chat,        /v1/chat",
        "http://h/v1/?a=b,  /chat,        /v1/chat?a=b",
        "http://h,          /m:s?alt=sse, /m:s?alt=sse",
        "http://h/v1?a=b,   /m:s?alt=sse, /v1/m:s?alt=sse&a=b"
    })
    void whatTheDialectAndTheBaseUrlSayStandsInOneTarget(URI base, String below, String target) {
        var head = new RequestHead(new EndpointDraft(base).build(), Map.of());

        assertThat(head.target(below)).isEqualTo(target);
    }

    @Test
    void theKeyTakesThePlaceOfAConfiguredHeaderWhateverTheCase() {
        var head =
                new RequestHead(
                        draft(Map.of("x-api-key", "stale", "x-team", "blue"))
                                .auth(new Endpoint.Auth.Header("X-Api-Key"))
                                .build(),
                        Map.of());

        String lines = head.headers("fresh");

        assertThat(lines)
                .contains("X-Api-Key: fresh\r\n", "x-team: blue\r\n")
                .doesNotContain("stale")
                .endsWith("\r\n");
    }

    @Test
    void aRequestsOwnTraceTakesThePlaceOfAConfiguredOne() {
        var head =
                new RequestHead(
                        draft(Map.of("traceparent", "configured")).propagateTrace().build(),
                        Map.of());
        String usual = head.headers("key");

        assertThat(head.headers(usual, Calls.ATTEMPT, new Trace("own", null)))
                .contains("x-client-request-id: " + Calls.ATTEMPT.value() + "\r\n")
                .contains("traceparent: own\r\n")
                .doesNotContain("configured");
        assertThat(head.headers(usual, Calls.ATTEMPT, Trace.NONE))
                .containsOnlyOnce("traceparent: configured\r\n");
    }

    private static EndpointDraft draft(Map<String, String> headers) {
        return new EndpointDraft(URI.create("http://h/v1")).headers(headers);
    }
}
