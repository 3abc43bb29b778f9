package dev.gantry.simulator.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

class ScriptTest {
    @Test
    void readsEveryMember() {
        Script script =
                Script.parse(
                        """
                        {
                          "seed": 42,
                          "accepted_keys": ["sk-good"],
                          "default": {"latency": "400ms"},
                          "models": {
                            "gpt-5-mini": {
                              "latency": {"mixture": [
                                {"weight": 2, "latency": "8s"},
                                {"weight": 98, "latency": {"log_normal": {"median": "400ms", "sigma": 0.5, "cap": "3s"}}}]},
                              "faults": [
                                {"fault": "rate_limit", "chance": 0.05, "style": "anthropic", "retry_after": "3s"},
                                {"fault": "server", "times": 3, "after": {"uniform": {"from": "1ms", "to": "2ms"}}},
                                {"fault": "hang", "chance": 0.01, "billed": true},
                                {"fault": "cut_before", "chance": 0.01, "ending": "reset", "billed": false},
                                {"fault": "cut_during", "chance": 0.01, "ending": "close"},
                                {"fault": "cut_on_reuse", "chance": 0.01},
                                {"fault": "truncate", "chance": 0.01},
                                {"fault": "blank", "chance": 0.01},
                                {"fault": "oversize", "chance": 0.01, "bytes": 20000000},
                                {"fault": "refuse_members", "chance": 0.01, "max_output_tokens": 64,
                                 "members": {"temperature": null, "max_tokens": "max_completion_tokens"}}],
                              "rate_limit": {"requests": 60, "per": "1m", "burst": 10, "style": "azure"},
                              "outages": [{"from": "10s", "to": "20s", "as": "hang"}],
                              "answer": {"tokens": 120, "cached_share": 0.5, "reasoning_share": 0.2, "model_suffix": "-2025-08-07"}
                            }
                          },
                          "keys": {"sk-good": {"rate_limit": {"requests": 5}},
                                   "sk-poor": {"rate_limit": {"tokens": 9000, "token_burst": 900, "concurrent": 2,
                                                              "headers": "draft", "settles": false}}},
                          "outages": [{"from": "30s", "to": "40s", "as": "refused"}]
                        }
                        """);

        assertThat(script.seed()).isEqualTo(42);
        assertThat(script.acceptedKeys()).isEqualTo(Set.of("sk-good"));
        assertThat(script.otherwise())
                .isEqualTo(Behaviour.taking(new Latency.Fixed(Duration.ofMillis(400))));
        assertThat(script.models()).isEqualTo(Map.of("gpt-5-mini", expected()));
        RateLimit perMinute = new RateLimit(5, Duration.ofMinutes(1), 5, ProviderStyle.OPENAI);
        RateLimit ofTokens =
                new RateLimit(
                        null,
                        new RateLimit.Capacity(9000, 900),
                        2,
                        Duration.ofMinutes(1),
                        ProviderStyle.OPENAI,
                        LimitHeaderStyle.DRAFT,
                        false);
        assertThat(script.keys())
                .isEqualTo(
                        Map.of(
                                "sk-good", Behaviour.FAULTLESS.with(perMinute),
                                "sk-poor", Behaviour.FAULTLESS.with(ofTokens)));
        assertThat(script.outages()).containsExactly(outage(30, 40, Outage.Kind.REFUSED));
    }

    private static Behaviour expected() {
        Duration median = Duration.ofMillis(400);
        return Behaviour.taking(
                        new Latency.Mixture(
                                List.of(
                                        new Latency.Part(
                                                2, new Latency.Fixed(Duration.ofSeconds(8))),
                                        new Latency.Part(
                                                98,
                                                new Latency.LogNormal(
                                                        median, 0.5, Duration.ofSeconds(3))))))
                .with(
                        Chance.of(
                                0.05,
                                new Fault.Refuse(
                                        Refusal.RATE_LIMIT,
                                        ProviderStyle.ANTHROPIC,
                                        Duration.ofSeconds(3),
                                        Latency.ZERO)))
                .with(
                        Chance.first(
                                3,
                                new Fault.Refuse(
                                        Refusal.SERVER,
                                        ProviderStyle.OPENAI,
                                        Duration.ofSeconds(2),
                                        new Latency.Uniform(
                                                Duration.ofMillis(1), Duration.ofMillis(2)))))
                .with(Chance.of(0.01, new Fault.Hang(true)))
                .with(Chance.of(0.01, new Fault.CutBefore(ConnectionEnd.RESET, false)))
                .with(Chance.of(0.01, new Fault.CutDuring(ConnectionEnd.CLOSE)))
                .with(Chance.of(0.01, new Fault.CutOnReuse(ConnectionEnd.CLOSE)))
                .with(Chance.of(0.01, new Fault.Truncate()))
                .with(Chance.of(0.01, new Fault.Blank()))
                .with(Chance.of(0.01, new Fault.Oversize(20_000_000)))
                .with(
                        Chance.of(
                                0.01,
                                new Fault.RefuseMembers(
                                        Map.of(
                                                "temperature",
                                                "",
                                                "max_tokens",
                                                "max_completion_tokens"),
                                        64)))
                .with(new RateLimit(60, Duration.ofMinutes(1), 10, ProviderStyle.AZURE))
                .with(outage(10, 20, Outage.Kind.HANG))
                .with(new AnswerShape(120, 0.5, 0.2, "-2025-08-07"));
    }

    private static Outage outage(int from, int to, Outage.Kind kind) {
        return new Outage(Duration.ofSeconds(from), Duration.ofSeconds(to), kind);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"default": {"latency": 400}}                                  | script.default.latency: 400 is not a time such as 400ms, or an object with one of fixed, uniform, log_normal, mixture
                    {"default": {"latency": "soon"}}                               | script.default.latency: "soon" is not a time such as 400ms, 8s, 1m
                    {"default": {"latency": "-1s"}}                                | script.default.latency: "-1s" is not a time such as
                    {"default": {"latency": {"uniform": {"from": "2s", "to": "1s"}}}} | script.default.latency.uniform.to: PT1S is less than from: PT2S
                    {"default": {"latency": {"log_normal": {"median": "1s"}}}}     | script.default.latency.log_normal.sigma is missing; it is a number from 0 to 5
                    {"default": {"latency": {"mixture": []}}}                      | script.default.latency.mixture: [] is not a list with at least one part
                    {"models": {"m": {"faults": [{"fault": "flood"}]}}}            | script.models.m.faults[0].fault: "flood" is not one of rate_limit, server,
                    {"models": {"m": {"faults": [{"fault": "hang", "chance": 1.5}]}}} | script.models.m.faults[0].chance: 1.5 is not a number from 0 to 1
                    {"models": {"m": {"faults": [{"fault": "hang", "style": "x"}]}}} | script.models.m.faults[0].style is not known; allowed: fault, chance, times, billed
                    {"models": {"m": {"faults": [{"fault": "server", "style": "x"}]}}} | script.models.m.faults[0].style: "x" is not one of openai, anthropic, azure, gemini
                    {"default": {"faults": [{"fault": "hang"}, {"fault": "blank"}]}} | script.default.faults: chances add up to 2.0, more than 1
                    {"default": {"faults": [{"fault": "oversize"}]}}               | script.default.faults[0].bytes is missing; it is a whole number
                    {"default": {"outages": [{"to": "9s", "as": "refused"}]}}      | script.default.outages: refused closes the port
                    {"outages": [{"from": "9s", "to": "9s"}]}                      | script.outages[0].to: PT9S is not later than from: PT9S
                    {"default": {"rate_limit": {"requests": 0}}}                   | script.default.rate_limit.requests: 0 is less than 1
                    {"default": {"rate_limit": {"tokens": 10, "token_burst": 0}}}  | script.default.rate_limit.token_burst: 0 is less than 1
                    {"default": {"rate_limit": {"per": "1m"}}}                     | script.default.rate_limit.requests: missing; or tokens, or concurrent
                    {"default": {"rate_limit": {"concurrent": -1}}}                | script.default.rate_limit.concurrent: -1 is negative
                    {"default": {"answer": {"cached_share": 2}}}                   | script.default.answer.cached_share: 2.0 is not a number from 0 to 1
                    {"seed": "x"}                                                  | script.seed: "x" is not a whole number
                    {"seed": 1, "seed": 2}                                         | script: not JSON at line 1
                    [1]                                                            | script: [1] is not an object with seed, accepted_keys, default
                    {"keys": {"sk-secret": 7}}                                     | script.keys.(key 1): 7 is not an object with latency
                    """)
    void namesTheMemberAndWhatIsAllowed(String json, String message) {
        assertThatThrownBy(() -> Script.parse(json))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining(message);
    }

    @Test
    void showsNoKeyInAnError() {
        assertThatThrownBy(() -> Script.parse("{\"accepted_keys\": \"sk-secret\"}"))
                .hasMessage("script.accepted_keys: the value is not a list");
        assertThatThrownBy(() -> Script.parse("{\"keys\": {\"sk-secret\": {\"a\": 1}}}"))
                .hasMessageNotContaining("sk-secret");
    }

    @Test
    void namesTheFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("bad.json"), "{\"seed\": true}");

        assertThatThrownBy(() -> Script.load(file))
                .hasMessage(file + ": script.seed: true is not a whole number");
        assertThatThrownBy(() -> Script.load(folder.resolve("none.json")))
                .hasMessageContaining("none.json does not exist");
    }

    @Test
    void bringsAScriptToDemonstrateWith() {
        assertThat(Script.demo().models()).containsKeys("sim-quick", "sim-frontier", "sim-flaky");
    }
}
