package dev.gantry.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.provider.EndpointDraft;

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
}
