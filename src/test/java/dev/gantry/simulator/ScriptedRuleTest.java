package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gantry.simulator.http.ServerConnection;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Chance;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Refusal;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

class ScriptedRuleTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Behaviour WILD =
            Behaviour.taking(
                            new Latency.LogNormal(
                                    Duration.ofMillis(400), 0.7, Duration.ofSeconds(20)))
                    .with(Chance.of(0.05, Fault.refuse(Refusal.RATE_LIMIT)))
                    .with(Chance.of(0.03, new Fault.Hang(false)))
                    .with(new Chance(0.5, 4, new Fault.Blank()));

    private static final Question QUESTION =
            new Question("m", Question.Form.CHAT, null, 0, 8, 80, List.of(), 7);

    private static List<CallPlan> turns(ScriptedRule rule, int calls) {
        return IntStream.range(0, calls)
                .mapToObj(_ -> rule.next(QUESTION, NOON, ServerConnection.Age.FRESH))
                .toList();
    }

    private static ScriptedRule rule(String name, long seed) {
        return new ScriptedRule(name, WILD, List.of(), NOON, seed);
    }

    @Test
    void decidesTheSameForTheSameSeed() {
        assertThat(turns(rule("model a", 1), 500)).isEqualTo(turns(rule("model a", 1), 500));
    }

    @Test
    void decidesOtherwiseForAnotherSeedOrRule() {
        List<CallPlan> turns = turns(rule("model a", 1), 500);

        assertThat(turns(rule("model a", 2), 500)).isNotEqualTo(turns);
        assertThat(turns(rule("model b", 1), 500)).isNotEqualTo(turns);
    }

    @Test
    void strikesAsOftenAsScripted() {
        List<CallPlan> turns = turns(rule("model a", 3), 50_000);

        assertThat(share(turns, Fault.Refuse.class)).isCloseTo(0.05, within(0.005));
        assertThat(share(turns, Fault.Hang.class)).isCloseTo(0.03, within(0.005));
        assertThat(turns.stream().filter(it -> it.fault() instanceof Fault.Blank).count())
                .isEqualTo(4);
    }

    private static double share(List<CallPlan> turns, Class<? extends Fault> fault) {
        double struck = turns.stream().filter(plan -> fault.isInstance(plan.fault())).count();
        return struck / turns.size();
    }

    @Test
    void drawsTheScriptedMixtureOfLatencies() {
        Latency mixture =
                new Latency.Mixture(
                        List.of(
                                new Latency.Part(2, new Latency.Fixed(Duration.ofSeconds(8))),
                                new Latency.Part(98, new Latency.Fixed(Duration.ofMillis(400)))));
        ScriptedRule rule = new ScriptedRule("m", Behaviour.taking(mixture), List.of(), NOON, 5);

        List<Duration> drawn = turns(rule, 50_000).stream().map(CallPlan::takes).toList();

        double slow = drawn.stream().filter(it -> it.equals(Duration.ofSeconds(8))).count();
        assertThat(slow / drawn.size()).isCloseTo(0.02, within(0.003));
        assertThat(drawn).containsOnly(Duration.ofSeconds(8), Duration.ofMillis(400));
    }

    @Test
    void drawsALogNormalAroundItsMedianAndBelowItsCap() {
        Duration median = Duration.ofMillis(400);
        Duration cap = Duration.ofSeconds(2);
        Latency latency = new Latency.LogNormal(median, 0.7, cap);
        ScriptedRule rule = new ScriptedRule("m", Behaviour.taking(latency), List.of(), NOON, 5);

        List<Duration> drawn = turns(rule, 50_000).stream().map(CallPlan::takes).sorted().toList();

        assertThat(drawn.get(25_000).toMillis()).isCloseTo(400, within(10L));
        assertThat(drawn.getLast()).isEqualTo(cap);
        assertThat(drawn.getFirst()).isGreaterThan(Duration.ZERO);
    }

    @Test
    void drawsAUniformLatencyBetweenItsBounds() {
        Latency latency = new Latency.Uniform(Duration.ofMillis(100), Duration.ofMillis(300));
        ScriptedRule rule = new ScriptedRule("m", Behaviour.taking(latency), List.of(), NOON, 5);

        List<Duration> drawn = turns(rule, 10_000).stream().map(CallPlan::takes).sorted().toList();

        assertThat(drawn.getFirst()).isBetween(Duration.ofMillis(100), Duration.ofMillis(101));
        assertThat(drawn.getLast()).isBetween(Duration.ofMillis(299), Duration.ofMillis(300));
        assertThat(drawn.get(5_000).toMillis()).isCloseTo(200, within(5L));
    }
}
