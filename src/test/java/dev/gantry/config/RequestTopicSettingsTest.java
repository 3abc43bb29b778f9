package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.config.catalog.StartNotices;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.Tier;
import dev.gantry.request.RequestTopic;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Map;

/** What is written under gantry.request-topics, and what is wrong there. */
class RequestTopicSettingsTest {
    private static final String BASE =
            """
            gantry:
              providers:
                sim:
                  tier: cloud
                  auth: none
                  instances: {main: {base-url: "http://one:1/v1"}}
                  models: [{id: qwen3-large, price: {input: 1, output: 1}}]
              policies:
                cheap-first: {chain: ["sim:qwen3-large"]}
            """;

    @Test
    void withoutAListTheSingleTopicIsTheOnlyOne() {
        GantrySettings settings = bound("  topics: {requests: mine}");

        assertThat(settings.sources()).containsExactly(RequestTopic.plain("mine"));
        assertThat(settings.usualTopic()).isEqualTo("mine");
    }

    @Test
    void readsWhatTheContractWrites() {
        GantrySettings settings =
                bound(
                        """
                          request-topics:
                            - {name: gantry.requests.urgent, share: 8}
                            - name: gantry.requests
                              share: 2
                              max-in-flight: 1500
                              stamp:
                                caller: {identity: "batch"}
                                billing: {customer: acme, cost_center: 42}
                                priority: low
                                classification: {level: internal, contains_pii: true}
                                routing: {policy: cheap-first, fallback_models: [a, b]}
                                budget: {per_call_usd: 0.5}
                              allow: {tiers: [local, cloud], models: ["qwen*"], policies: [cheap-first]}
                              budget: {per-day-usd: 200}
                        """);

        assertThat(settings.sources())
                .extracting(RequestTopic::name, RequestTopic::share, RequestTopic::maxInFlight)
                .containsExactly(
                        tuple("gantry.requests.urgent", 8, null),
                        tuple("gantry.requests", 2, 1500));
        assertThat(settings.usualTopic()).isEqualTo("gantry.requests");
        RequestTopic bulk = settings.sources().getLast();
        assertThat(bulk.perDayUsd()).isEqualByComparingTo("200");
        assertThat(bulk.allowance().tiers()).containsExactlyInAnyOrder(Tier.LOCAL, Tier.CLOUD);
        assertThat(bulk.allowance().models()).containsExactly("qwen*");
        RequestOptions stamp = bulk.stamp().options();
        assertThat(stamp.caller()).isEqualTo(Map.of("identity", "batch"));
        assertThat(stamp.billing()).isEqualTo(Map.of("customer", "acme", "cost_center", "42"));
        assertThat(stamp.priority()).isEqualTo("low");
        assertThat(stamp.sensitivity())
                .isEqualTo(new RequestOptions.Sensitivity("internal", true, false));
        assertThat(stamp.constraints().policy()).isEqualTo(new PolicyChoice.Named("cheap-first"));
        assertThat(stamp.constraints().fallbackModels()).containsExactly("a", "b");
        assertThat(stamp.caps().all())
                .singleElement()
                .satisfies(each -> assertThat(each.limit()).isEqualByComparingTo("0.5"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
{share: 2}                               | [test.yml]:10: gantry.request-topics[0].name: missing; required is a Kafka topic name
{name: a/b}                              | request-topics[0].name: a/b; allowed is a Kafka topic name
{name: gantry.audit}                     | request-topics[0].name: gantry.audit; allowed is a topic of its own; gantry.topics.audit has the same
{name: x, share: 0}                      | [test.yml]:10: gantry.request-topics[0].share: 0; allowed is 1 to 1000
{name: x, share: many}                   | request-topics[0].share: many; allowed is a whole number
{name: x, max-in-flight: 0}              | request-topics[0].max-in-flight: 0; allowed is 1 or more
{name: x, alow: {tiers: [local], models: [a]}} | [test.yml]:10: gantry.request-topics[0].alow.tiers[0]: there is no such key, did you mean allow?
{name: x, sahre: 2}                      | request-topics[0].sahre: there is no such key, did you mean share?
{name: x, allow: {tiers: [moon]}}        | allow.tiers[0]: moon; allowed is local, direct, fleet, cloud, frontier
{name: x, allow: {policies: [cheap]}}    | allow.policies[0]: cheap; allowed is cheap-first
{name: x, budget: {per-day-usd: lots}}   | budget.per-day-usd: lots; allowed is a plain decimal
{name: x, budget: {per-day-usd: -1}}     | budget.per-day-usd: -1; allowed is a plain decimal
{name: x, stamp: {prioritty: low}}       | [test.yml]:10: gantry.request-topics[0].stamp.prioritty: nothing that a stamp fixes; allowed is session_id, caller
{name: x, stamp: {caler: {identity: x}}} | allowed is session_id, caller, billing, tags, priority, classification, hint, prefer, routing, intent, budget; did you mean caller?
{name: x, stamp: {deadline: "2026"}}     | stamp.deadline: nothing that a stamp fixes
{name: x, stamp: {caller: me}}           | request-topics[0].stamp.caller: a text is not an object
{name: x, stamp: {hint: {tier: moon}}}   | stamp.hint.tier: moon is not one of local, direct, fleet, cloud, frontier
{name: x, stamp: {classification: {levl: x}}} | stamp.classification.levl: unknown member; known are level
{name: x, stamp: {routing: {policy: cheap}}}  | stamp.routing.policy: cheap; allowed is cheap-first
{name: x, stamp: {routing: {policy: {chain: [a]}}}} | stamp.routing.policy: a map; allowed is the name of a policy
{name: x, stamp: {routing: {provider: sin}}}  | stamp.routing.provider: sin; allowed is sim; did you mean sim?
{name: x, stamp: {routing: {tier: local}}, allow: {tiers: [cloud]}} | stamp.routing.tier: local; allowed is what allow.tiers names: cloud
""")
    void saysWhatIsWrongAndWhere(String topic, String said) {
        WrongSettingsException wrong =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () -> bound("  request-topics: [" + topic + "]"));

        assertThat(wrong.mistakes()).singleElement().asString().contains(said);
    }

    @Test
    void aTopicStandsOnceAndTheSingleOneIsOneOfThem() {
        WrongSettingsException wrong =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () ->
                                bound(
                                        """
                                          request-topics: [{name: urgent}, {name: urgent}]
                                          topics: {requests: urgnt}
                                        """));

        assertThat(wrong.mistakes())
                .hasSize(2)
                .anySatisfy(
                        each ->
                                assertThat(each)
                                        .contains(
                                                "[1].name: urgent; allowed is a topic of its own;"
                                                        + " gantry.request-topics[0].name has the same"))
                .anySatisfy(
                        each ->
                                assertThat(each)
                                        .contains(
                                                "gantry.topics.requests: urgnt; allowed is one of"
                                                        + " gantry.request-topics, or nothing: they"
                                                        + " take its place; did you mean urgent?"));
    }

    @Test
    void aGlobThatMatchesNothingIsSaidAndNoMistake() {
        GantrySettings settings =
                bound("  request-topics: [{name: x, allow: {models: ['qwen*', 'gpt*']}}]");

        assertThat(StartNotices.of(settings, LaneCatalog.of(settings)))
                .filteredOn(each -> each.contains("request-topics"))
                .containsExactly(
                        "gantry.request-topics: topic x: allow.models: gpt* matches no model of the"
                                + " lanes there are");
    }

    @Test
    void submitSendsToTheFirstUnlessTheSingleOneIsListed() {
        assertThat(bound("  request-topics: [{name: a}, {name: b}]").usualTopic()).isEqualTo("a");
        assertThat(
                        bound("  request-topics: [{name: a}, {name: b}]\n  topics: {requests: b}")
                                .usualTopic())
                .isEqualTo("b");
        assertThat(bound("  request-topics: [{name: a}, {name: gantry.requests}]").usualTopic())
                .isEqualTo("gantry.requests");
        assertThat(List.of(bound("").usualTopic())).containsExactly("gantry.requests");
    }

    private static GantrySettings bound(String lines) {
        return SettingsBinder.bind(Environments.of(BASE + lines + "\n"));
    }
}
