package dev.gantry.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Caps;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.RoutingPolicy;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Policies that come with their request. */
class PolicyReaderTest {
    private static final RequestDecoder DECODER =
            new RequestDecoder(
                    RequestDecoderTest.settings().requestLimits(),
                    () -> Instant.parse("2026-11-21T12:00:00Z"));

    @Test
    void aTextIsTheNameOfAPolicyAndNullIsNone() {
        assertThat(choice("'cheap-first'")).isEqualTo(new PolicyChoice.Named("cheap-first"));
        assertThat(choice("null")).isNull();
    }

    @Test
    void aPolicyIsTakenAsItStands() {
        RoutingPolicy policy =
                inline(
                        """
                        {'label': ' mine ',
                         'chain': [' vllm : org/qwen:30b ',
                                   {'provider': 'openai', 'model': 'gpt-mini', 'instance': 'main',
                                    'timeout_ms': 20000, 'label': 'mini'}],
                         'failover': {'on_status': [429, 500], 'on_error_kinds': ['Timeout', 'auth'],
                                      'on_timeout_ms': 30000, 'max_attempts': 3,
                                      'advance_on_permanent': true, 'retries': 0},
                         'latency': {'race_after_ms': 50, 'target_p95_ms': 5000},
                         'budget': {'per_call_usd': '0.05', 'session_usd': 2.00, 'on_exceed': 'downgrade'},
                         'observe': {'emit_event': 'acme.routing'}}
                        """);

        assertThat(policy.name()).isEqualTo("inline:mine");
        assertThat(policy.chain())
                .containsExactly(
                        new RoutingPolicy.Link(
                                "vllm", "org/qwen:30b", null, null, "vllm:org/qwen:30b"),
                        new RoutingPolicy.Link(
                                "openai", "gpt-mini", "main", Duration.ofSeconds(20), "mini"));
        assertThat(policy.failover().onStatus()).containsExactly(429, 500);
        assertThat(policy.failover().onErrorKinds())
                .containsExactlyInAnyOrder(ErrorKind.TIMEOUT, ErrorKind.AUTH);
        assertThat(policy.failover().onTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.failover().advanceOnPermanent()).isTrue();
        assertThat(policy.failover().retries()).isZero();
        assertThat(policy.maxAttempts()).isEqualTo(3);
        assertThat(policy.latency().raceAfter()).isEqualTo(Duration.ofMillis(50));
        assertThat(policy.latency().targetP95()).isEqualTo(Duration.ofSeconds(5));
        assertThat(policy.caps())
                .isEqualTo(
                        Caps.of(
                                new BigDecimal("0.05"),
                                new BigDecimal("2.00"),
                                Caps.OnExceed.SKIP));
        assertThat(policy.event()).isEqualTo("acme.routing");
    }

    @Test
    void whatIsNotWrittenHasItsDefault() {
        RoutingPolicy policy =
                inline(
                        "{'chain': ['a:m', 'b:m', {'provider': 'c', 'model': 'm', 'label': ' '}],"
                                + " 'label': null, 'failover': {'on_status': null},"
                                + " 'budget': {'on_exceed': ''}, 'observe': {'emit_event': ' '}}");

        assertThat(policy.name()).isEqualTo("inline");
        assertThat(policy.maxAttempts()).isEqualTo(3);
        assertThat(policy.chain().getLast().label()).isEqualTo("c:m");
        assertThat(policy.failover()).isEqualTo(FailoverRules.DEFAULT);
        assertThat(policy.latency()).isEqualTo(RoutingPolicy.Latency.NONE);
        assertThat(policy.caps()).isEqualTo(Caps.NONE);
        assertThat(policy.event()).isEqualTo("llm.routing");
    }

    @Test
    void kindsMayBeTextWithCommasAndAnEmptyListMeansNone() {
        RoutingPolicy policy =
                inline(
                        "{'chain': ['a:m'], 'failover': {'on_error_kinds': ' auth, SERVER ,',"
                                + " 'on_status': []}}");

        assertThat(policy.failover().onErrorKinds())
                .containsExactlyInAnyOrder(ErrorKind.AUTH, ErrorKind.SERVER);
        assertThat(policy.failover().onStatus()).isEmpty();
    }

    @Test
    void aChainMayHaveSixteenLinks() {
        assertThat(inline("{'chain': [" + links(16) + "]}").maxAttempts()).isEqualTo(16);
        assertThat(invalid("{'chain': [" + links(17) + "]}"))
                .isEqualTo("gantry.routing.policy.chain: 17 links are more than the 16 allowed");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
"""
7                                                 | gantry.routing.policy: 7 is not the name of a policy or a policy
[]                                                | gantry.routing.policy: an array is not the name of a policy or a policy
{}                                                | gantry.routing.policy.chain: missing; required is at least one link
{'chain': null}                                   | gantry.routing.policy.chain: missing; required is at least one link
{'chain': []}                                     | gantry.routing.policy.chain: missing; required is at least one link
{'chain': 'a:m'}                                  | gantry.routing.policy.chain: "a:m" is not an array
{'chain': ['a:m'], 'chian': []}                   | gantry.routing.policy.chian: unknown member; known are label, chain, failover, latency, budget, observe
{'chain': ['a:m', 7]}                             | gantry.routing.policy.chain[1]: 7 is not a link: provider:model, or an object
{'chain': ['a']}                                  | gantry.routing.policy.chain[0]: provider and model are required, as provider:model or as an object with both
{'chain': [' : m']}                               | gantry.routing.policy.chain[0]: provider and model are required, as provider:model or as an object with both
{'chain': ['a:m', {'provider': 'a'}]}             | gantry.routing.policy.chain[1]: provider and model are required, as provider:model or as an object with both
{'chain': [{'provider': 'a', 'model': 7}]}        | gantry.routing.policy.chain[0].model: 7 is not a text
{'chain': [{'provider': 'a', 'modle': 'm'}]}      | gantry.routing.policy.chain[0].modle: unknown member; known are provider, model, instance, timeout_ms, label
{'chain': [{'timeout_ms': 0}]}                    | gantry.routing.policy.chain[0].timeout_ms: 0 is not a whole number of at least 1
{'chain': [{'timeout_ms': '20s'}]}                | gantry.routing.policy.chain[0].timeout_ms: "20s" is not a whole number of at least 1
{'chain': [{'label': []}]}                        | gantry.routing.policy.chain[0].label: an array is not a text
{'label': 7}                                      | gantry.routing.policy.label: 7 is not a text
{'label': 'a\\u0007b'}                             | gantry.routing.policy.label: a
{'chain': [{'label': 'a\\u2028b'}]}                | gantry.routing.policy.chain[0].label: a
{'observe': {'emit_event': 'a\\nb'}}               | gantry.routing.policy.observe.emit_event: a
{'failover': []}                                  | gantry.routing.policy.failover: an array is not an object
{'failover': {'on_status': 429}}                  | gantry.routing.policy.failover.on_status: 429 is not an array
{'failover': {'on_status': ['4xx']}}              | gantry.routing.policy.failover.on_status[0]: "4xx" is not a whole number of 100 to 599
{'failover': {'on_status': [429, 42]}}            | gantry.routing.policy.failover.on_status[1]: 42 is not a whole number of 100 to 599
{'failover': {'on_status': [600]}}                | gantry.routing.policy.failover.on_status[0]: 600 is not a whole number of 100 to 599
{'failover': {'on_status': [null]}}               | gantry.routing.policy.failover.on_status[0]: null is not a status of 100 to 599
{'failover': {'on_error_kinds': 7}}               | gantry.routing.policy.failover.on_error_kinds: 7 is not an array
{'failover': {'on_error_kinds': ['slow']}}        | gantry.routing.policy.failover.on_error_kinds[0]: slow is not one of auth, bad_request
{'failover': {'on_error_kinds': 'auth,slow'}}     | gantry.routing.policy.failover.on_error_kinds: slow is not one of auth, bad_request
{'failover': {'on_timeout_ms': -1}}               | gantry.routing.policy.failover.on_timeout_ms: -1 is not a whole number of at least 1
{'failover': {'max_attempts': 0}}                 | gantry.routing.policy.failover.max_attempts: 0 is not a whole number of 1 to 10
{'failover': {'max_attempts': 11}}                | gantry.routing.policy.failover.max_attempts: 11 is not a whole number of 1 to 10
{'failover': {'retries': 11}}                     | gantry.routing.policy.failover.retries: 11 is not a whole number of 0 to 10
{'failover': {'advance_on_permanent': 'yes'}}     | gantry.routing.policy.failover.advance_on_permanent: "yes" is not true or false
{'failover': {'on-status': []}}                   | gantry.routing.policy.failover.on-status: unknown member; known are on_status
{'latency': {'race_after_ms': 49}}                | gantry.routing.policy.latency.race_after_ms: 49 is not a whole number of at least 50
{'latency': {'target_p95_ms': 0}}                 | gantry.routing.policy.latency.target_p95_ms: 0 is not a whole number of at least 1
{'latency': {'p95': 1}}                           | gantry.routing.policy.latency.p95: unknown member; known are race_after_ms, target_p95_ms
{'budget': {'per_call_usd': -1}}                  | gantry.routing.policy.budget.per_call_usd: -1 is not a plain decimal
{'budget': {'session_usd': 'much'}}               | gantry.routing.policy.budget.session_usd: much is not a plain decimal
{'budget': {'session_usd': []}}                   | gantry.routing.policy.budget.session_usd: an array is not a plain decimal
{'budget': {'on_exceed': 'panic'}}                | gantry.routing.policy.budget.on_exceed: panic is not one of abort, skip, downgrade, warn
{'budget': {'usd': 1}}                            | gantry.routing.policy.budget.usd: unknown member; known are per_call_usd, session_usd, on_exceed
{'observe': {'emit_event': 1}}                    | gantry.routing.policy.observe.emit_event: 1 is not a text
{'observe': {'event': 'x'}}                       | gantry.routing.policy.observe.event: unknown member; known are emit_event
""")
    void everyMistakeIsNamedByItsMember(String policy, String message) {
        assertThat(invalid(policy)).startsWith(message);
    }

    @Test
    void longListsAndTextsAreBounded() {
        String long513 = "x".repeat(513);
        String many =
                IntStream.range(0, 65).mapToObj(each -> "429").collect(Collectors.joining(","));

        assertThat(invalid("'" + long513 + "'"))
                .startsWith("gantry.routing.policy: 513 characters are more than");
        assertThat(invalid("{'chain': ['a:" + long513 + "']}"))
                .startsWith("gantry.routing.policy.chain[0]: 515 characters are more than");
        assertThat(invalid("{'failover': {'on_status': [" + many + "]}}"))
                .isEqualTo(
                        "gantry.routing.policy.failover.on_status: more entries than the 64"
                                + " allowed");
    }

    private static String links(int count) {
        return IntStream.range(0, count)
                .mapToObj(each -> "'p:m" + each + "'")
                .collect(Collectors.joining(","));
    }

    private static RoutingPolicy inline(String policy) {
        if (choice(policy) instanceof PolicyChoice.Inline(RoutingPolicy inline)) {
            return inline;
        }
        throw new AssertionError("no policy of the request's own: " + policy);
    }

    private static @Nullable PolicyChoice choice(String policy) {
        DecodedRecord decoded = decode(policy);
        assertThat(decoded).isInstanceOf(DecodedRecord.Valid.class);
        return ((DecodedRecord.Valid) decoded).request().options().constraints().policy();
    }

    private static String invalid(String policy) {
        DecodedRecord decoded = decode(policy);
        assertThat(decoded).isInstanceOf(DecodedRecord.Invalid.class);
        return ((DecodedRecord.Invalid) decoded).message();
    }

    private static DecodedRecord decode(String policy) {
        String line =
                ("{'custom_id': 'a', 'body': {'model': 'm'}, 'gantry': {'routing': {'policy': "
                                + policy
                                + "}}}")
                        .replace('\'', '"');
        return DECODER.decode(
                new ConsumerRecord<>(
                        "requests", 3, 42, null, line.getBytes(StandardCharsets.UTF_8)));
    }
}
