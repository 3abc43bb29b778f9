package dev.gantry.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Operation;
import dev.gantry.operation.Operations;
import dev.gantry.testbed.ClosedSchema;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Function;

/** The shipped schema of requests and the decoder say the same of the same line. */
class RequestSchemaTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final ClosedSchema SCHEMA = ClosedSchema.of("request");
    private static final RequestDecoder DECODER =
            new RequestDecoder(
                    RequestDecoderTest.settings().requestLimits(),
                    () -> Instant.parse("2026-11-21T12:00:00Z"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "null",
                "{'batch_id': 'nightly-2026.11:20'}",
                "{'conversation_id': 'c', 'session_id': null, 'priority': 'low'}",
                "{'caller': {'identity': 'jo'}, 'billing': {}, 'tags': {'a': 'b'}}",
                "{'deadline': '2026-11-22T00:00:00Z'}",
                "{'classification': {'level': 'internal', 'contains_pii': true}}",
                "{'hint': {'tier': 'local'}, 'prefer': {'provider': 'p', 'tier': 'cloud'}}",
                "{'routing': {'model': 'm', 'fallback_models': ['n'], 'escalate': false}}",
                "{'routing': {'policy': null}}",
                "{'routing': {'policy': 'cheap-first'}}",
                "{'routing': {'policy': {'chain': ['p:m', {'provider': 'p', 'model': 'm',"
                        + " 'instance': null, 'timeout_ms': 1, 'label': 'l'}]}}}",
                "{'routing': {'policy': {'label': 'l', 'chain': ['p:m'],"
                        + " 'failover': {'on_status': [], 'on_error_kinds': 'auth,server',"
                        + " 'on_timeout_ms': 1, 'max_attempts': 10, 'retries': 0,"
                        + " 'advance_on_permanent': true},"
                        + " 'latency': {'race_after_ms': 50, 'target_p95_ms': 1},"
                        + " 'budget': {'per_call_usd': '0.05', 'session_usd': 2,"
                        + " 'on_exceed': 'skip'}, 'observe': {'emit_event': 'e'}}}}",
                "{'routing': {'policy': {'chain': ['p:m'],"
                        + " 'failover': {'on_error_kinds': ['Auth']}}}}",
                "{'intent': {'capabilities': ['tools'], 'effort': 'low', 'privacy': 'strict',"
                        + " 'cost': 'minimize'}}",
                "{'budget': {'per_call_usd': 0.05, 'session_usd': '2', 'on_exceed': ' Downgrade'}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'budget': {'on_exceed': 'WARN'}}}}"
            })
    void bothTake(String gantry) {
        String line = line(gantry);

        assertThat(SCHEMA.mistakes(JSON.readTree(line))).isEmpty();
        assertThat(decode(line)).isInstanceOf(DecodedRecord.Valid.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{'unheard': 1}",
                "{'batch_id': 'a b'}",
                "{'conversation_id': 7}",
                "{'caller': {'identity': 7}}",
                "{'classification': {'contains_pii': 'true'}}",
                "{'classification': {'unheard': true}}",
                "{'hint': {'tier': 'moon'}}",
                "{'routing': {'tier': 'Frontier'}}",
                "{'routing': {'escalate': 'no'}}",
                "{'routing': {'fallback_models': 'm'}}",
                "{'intent': {'privacy': 'high'}}",
                "{'routing': {'policy': 7}}",
                "{'routing': {'policy': {}}}",
                "{'routing': {'policy': {'chain': []}}}",
                "{'routing': {'policy': {'chain': [7]}}}",
                "{'routing': {'policy': {'chain': [{'provider': 'p'}]}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'unheard': 1}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'failover': {'on_status': [99]}}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'failover': {'max_attempts': 0}}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'failover': {'retries': 11}}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'failover': {'max_attempts': 11}}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'label': 'a\\u0007b'}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'observe': {'emit_event': 'a\\tb'}}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'latency': {'race_after_ms': 49}}}}",
                "{'routing': {'policy': {'chain': ['p:m'], 'budget': {'on_exceed': 'panic'}}}}",
                "{'budget': {'per_call_usd': -0.05}}",
                "{'budget': {'session_usd': '-1'}}",
                "{'budget': {'session_usd': '1e3'}}",
                "{'budget': {'on_exceed': 'shrug'}}",
                "{'budget': {'per_day_usd': '1'}}",
                "{'budget': []}"
            })
    void bothRefuse(String gantry) {
        String line = line(gantry);

        assertThat(SCHEMA.mistakes(JSON.readTree(line))).isNotEmpty();
        assertThat(decode(line)).isInstanceOf(DecodedRecord.Invalid.class);
    }

    @ParameterizedTest
    @CsvSource({
        "request, url",
        "attempt-metered, operation",
        "attempt-audited, operation",
        "request-audited, operation"
    })
    void schemasKnowEachOperation(String schema, String member) throws IOException {
        JsonNode named;
        try (InputStream text =
                RequestSchemaTest.class.getResourceAsStream("/schema/" + schema + ".json")) {
            named = JSON.readTree(text).at("/properties/" + member + "/enum");
        }

        Function<Operation, String> name = member.equals("url") ? Operation::url : Operation::label;
        assertThat(named.valueStream().filter(JsonNode::isString).map(JsonNode::stringValue))
                .containsExactlyElementsOf(Operations.ALL.stream().map(name).toList());
    }

    private static String line(String gantry) {
        return "{'custom_id': 'a', 'method': 'POST', 'url': '/v1/chat/completions', 'body': {'model': 'm'}, 'gantry': %s}"
                .formatted(gantry)
                .replace('\'', '"');
    }

    private static DecodedRecord decode(String line) {
        return DECODER.decode(
                new ConsumerRecord<>(
                        "requests", 3, 42, null, line.getBytes(StandardCharsets.UTF_8)));
    }
}
