package dev.gantry.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.inference.Allowance;
import dev.gantry.inference.Capability;
import dev.gantry.inference.CostGoal;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.Tier;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a topic says of its records holds, whatever they say. */
class StampTest {
    private static final Stamp STAMP =
            Stamp.of(
                    "stamp",
                    Map.of(
                            "session_id", "s",
                            "caller", Map.of("identity", "batch"),
                            "billing", Map.of("customer", "acme"),
                            "priority", "low",
                            "classification", Map.of("level", "internal", "contains_phi", "false"),
                            "hint", Map.of("tier", "local"),
                            "prefer", Map.of("provider", "own"),
                            "routing", Map.of("policy", "cheap-first", "escalate", false),
                            "intent", Map.of("privacy", "strict", "capabilities", List.of("tools")),
                            "budget", Map.of("per_call_usd", 0.5)));

    private static final RequestTopic BULK =
            new RequestTopic(
                    "bulk",
                    2,
                    null,
                    STAMP,
                    new Allowance("bulk", Set.of(Tier.LOCAL), List.of(), List.of()),
                    new BigDecimal("7"));

    private final RequestTopics topics =
            new RequestTopics(List.of(BULK, RequestTopic.plain("urgent")));
    private final RequestDecoder decoder =
            new RequestDecoder(
                    RequestDecoderTest.settings().requestLimits(), topics, () -> Instant.EPOCH);

    @Test
    void noRecordSaysOtherwise() {
        String lies =
                """
                {"session_id": "x", "caller": {"identity": "me", "team": "t"},
                 "billing": {"customer": "other", "order": "o"}, "tags": {"a": "b"}, "priority": "high",
                 "classification": {"level": "public", "contains_pii": true, "contains_phi": true},
                 "hint": {"tier": "frontier"}, "prefer": {"provider": "theirs", "tier": "cloud"},
                 "routing": {"policy": "dear-first", "escalate": true, "model": "m"},
                 "intent": {"privacy": "normal", "capabilities": ["vision"], "cost": "minimize"},
                 "budget": {"per_call_usd": 9, "on_exceed": "warn"}, "batch_id": "b"}""";

        for (String line :
                List.of(
                        "{\"custom_id\": \"c\", \"body\": {\"model\": \"m\"}, \"gantry\": %s}",
                        "{\"gantry\": %s, \"custom_id\": \"c\", \"body\": {\"model\": \"m\"}}")) {
            InferenceRequest request = decoded("bulk", line.formatted(lies));

            RequestOptions options = request.options();
            assertThat(request.batchId()).isEqualTo("b");
            assertThat(options.sessionId()).isEqualTo("s");
            assertThat(options.caller()).isEqualTo(Map.of("identity", "batch", "team", "t"));
            assertThat(options.billing()).isEqualTo(Map.of("customer", "acme", "order", "o"));
            assertThat(options.tags()).isEqualTo(Map.of("a", "b"));
            assertThat(options.priority()).isEqualTo("low");
            assertThat(options.sensitivity())
                    .isEqualTo(new RequestOptions.Sensitivity("internal", true, false));
            assertThat(options.hintedTier()).isEqualTo(Tier.LOCAL);
            assertThat(options.prefer())
                    .isEqualTo(new RequestOptions.Preference("own", null, Tier.CLOUD));
            assertThat(options.constraints().policy())
                    .isEqualTo(new PolicyChoice.Named("cheap-first"));
            assertThat(options.constraints().escalate()).isFalse();
            assertThat(options.constraints().model()).isEqualTo("m");
            assertThat(options.intent())
                    .isEqualTo(
                            new RequestOptions.Intent(
                                    Set.of(Capability.TOOLS, Capability.VISION),
                                    null,
                                    "strict",
                                    CostGoal.MINIMIZE));
            assertThat(options.caps().all())
                    .extracting(each -> each.limit().toPlainString() + " " + each.onExceed())
                    .containsExactly("9 WARN", "0.5 ABORT", "7 ABORT");
            assertThat(options.allowance()).isEqualTo(BULK.allowance());
        }
    }

    @Test
    void aRecordThatSaysNothingIsWhatItsTopicSays() {
        InferenceRequest request =
                decoded("bulk", "{\"custom_id\":\"c\",\"body\":{\"model\":\"m\"}}");

        assertThat(request.subject()).isEqualTo("acme");
        assertThat(request.options().priority()).isEqualTo("low");
    }

    @Test
    void otherTopicsAreLeftAlone() {
        String line = "{\"custom_id\":\"c\",\"body\":{\"model\":\"m\"}}";

        assertThat(decoded("urgent", line).options()).isEqualTo(RequestOptions.NONE);
        assertThat(decoded("unheard-of", line).options()).isEqualTo(RequestOptions.NONE);
    }

    @Test
    void aReloadChangesWhatComesAfterIt() {
        topics.replace(List.of(RequestTopic.plain("bulk")));

        assertThat(decoded("bulk", "{\"custom_id\":\"c\",\"body\":{}}").options())
                .isEqualTo(RequestOptions.NONE);
    }

    @Test
    void onlyMembersOfGantryCanBeFixed() {
        assertThatThrownBy(() -> Stamp.of("stamp", Map.of("url", "/v1")))
                .hasMessageStartingWith("stamp.url: nothing that a stamp fixes; allowed is");
        assertThatThrownBy(() -> Stamp.of("stamp", Map.of("caller", Map.of("a", Map.of()))))
                .hasMessage("stamp.caller.a: an object is not a text");
    }

    private InferenceRequest decoded(String topic, String line) {
        DecodedRecord decoded =
                decoder.decode(
                        new ConsumerRecord<>(
                                topic, 0, 0, new byte[0], line.getBytes(StandardCharsets.UTF_8)));
        assertThat(decoded).isInstanceOf(DecodedRecord.Valid.class);
        return ((DecodedRecord.Valid) decoded).request();
    }
}
