package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.LimitHeaderStyle;
import dev.gantry.simulator.script.Outage;
import dev.gantry.simulator.script.ProviderStyle;
import dev.gantry.simulator.script.RateLimit;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

class LimitsAndOutagesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final TickingClock clock = new TickingClock();
    private final SimulatedProvider provider;
    @AutoClose private final ApiClient client;

    LimitsAndOutagesTest() throws IOException {
        provider =
                SimulatedProvider.start(
                        Script.of(Behaviour.FAULTLESS),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        1000,
                        clock);
        client = new ApiClient(provider);
    }

    @Test
    void answers429BeyondTheBurstAndRefillsWithTime() throws Exception {
        RateLimit limit = new RateLimit(60, Duration.ofMinutes(1), 2, ProviderStyle.OPENAI);
        provider.script(Script.of(Behaviour.FAULTLESS).model("m", Behaviour.FAULTLESS.with(limit)));

        HttpResponse<String> first = client.ask("m");
        HttpResponse<String> second = client.ask("m");
        HttpResponse<String> third = client.ask("m");
        clock.advance(Duration.ofSeconds(1));
        HttpResponse<String> fourth = client.ask("m");

        assertThat(header(first, "x-ratelimit-limit-requests")).isEqualTo("60");
        assertThat(header(first, "x-ratelimit-remaining-requests")).isEqualTo("59");
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(third.statusCode()).isEqualTo(429);
        assertThat(header(third, "retry-after")).isEqualTo("1");
        assertThat(header(third, "retry-after-ms")).isEqualTo("1000");
        assertThat(third.body()).contains("Limit 60, Used 60");
        assertThat(fourth.statusCode()).isEqualTo(200);
    }

    @Test
    void limitsInTheStyleOfTheScript() throws Exception {
        RateLimit limit = new RateLimit(1, Duration.ofMinutes(1), 1, ProviderStyle.AZURE);
        provider.script(Script.of(Behaviour.FAULTLESS.with(limit)));
        client.ask("m");

        HttpResponse<String> refused = client.ask("m");

        assertThat(header(refused, "retry-after")).isEqualTo("60");
        assertThat(refused.headers().firstValue("retry-after-ms")).isEmpty();
        assertThat(refused.body()).contains("Please retry after 60 seconds");
    }

    @Test
    void limitsEachRuleOnItsOwn() throws Exception {
        RateLimit limit = new RateLimit(1, Duration.ofMinutes(1), 1, ProviderStyle.OPENAI);
        Behaviour limited = Behaviour.FAULTLESS.with(limit);
        provider.script(Script.of(Behaviour.FAULTLESS).model("a", limited).model("b", limited));

        assertThat(client.ask("a").statusCode()).isEqualTo(200);
        assertThat(client.ask("b").statusCode()).isEqualTo(200);
        assertThat(client.ask("a").statusCode()).isEqualTo(429);
    }

    /** Ten tokens of input, as the simulator counts, and what the request allows at most. */
    private HttpResponse<String> askFor(int maxTokens) throws Exception {
        String chat = ApiClient.chat("m").replace("}]}", "}],\"max_tokens\":" + maxTokens + "}");
        return client.post("/v1/chat/completions", chat, "authorization", "Bearer sk-of-a-tenant");
    }

    @Test
    void countsTheTokensThatARequestAllowsAndGivesBackWhatIsNotGenerated() throws Exception {
        int input = askFor(1).body().isEmpty() ? 0 : inputTokens();
        RateLimit limit = ofTokens(1000, input + 500);
        provider.script(Script.of(Behaviour.FAULTLESS.with(answer(100)).with(limit)));

        HttpResponse<String> first = askFor(500);
        HttpResponse<String> refused = askFor(500);
        HttpResponse<String> smaller = askFor(500 - input - 100);

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(header(first, "x-ratelimit-limit-tokens")).isEqualTo("1000");
        assertThat(header(first, "x-ratelimit-remaining-tokens")).isEqualTo("" + (500 - input));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body())
                .contains("tokens per min (TPM): Limit 1000", "Requested " + (input + 500));
        assertThat(header(refused, "x-ratelimit-remaining-tokens")).isEqualTo("" + (900 - input));
        assertThat(smaller.statusCode()).isEqualTo(200);
    }

    @Test
    void keepsWhatWasAskedForWhereItDoesNotSettle() throws Exception {
        RateLimit limit = ofTokens(6000, 600).unsettled();
        provider.script(Script.of(Behaviour.FAULTLESS.with(answer(100)).with(limit)));

        assertThat(askFor(500).statusCode()).isEqualTo(200);
        assertThat(askFor(500).statusCode()).isEqualTo(429);
        clock.advance(Duration.ofSeconds(6));
        assertThat(askFor(500).statusCode()).isEqualTo(200);
    }

    @Test
    void saysOfARequestThatIsTooLargeThatNoWaitHelps() throws Exception {
        provider.script(Script.of(Behaviour.FAULTLESS.with(ofTokens(6000, 600))));

        HttpResponse<String> refused = askFor(700);

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("Request too large for m").doesNotContain("${");
        assertThat(refused.headers().firstValue("retry-after")).isEmpty();
    }

    @Test
    void refusesCallsAtOnceBeyondItsLimitAndTakesOneWhenOneHasEnded() throws Exception {
        RateLimit limit = new RateLimit(1000, Duration.ofMinutes(1), 1000, ProviderStyle.OPENAI);
        Behaviour hangs = Behaviour.always(new Fault.Hang(false));
        provider.script(Script.of(hangs.with(limit.concurrent(1))));
        try (var line = new BareLine(provider)) {
            line.ask("m");
            assertThat(provider.ledger().awaitUnderWay(1, PATIENCE)).isTrue();

            HttpResponse<String> refused = client.ask("m");

            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.body()).contains("Too many requests at once for m: Limit 1, Used 1");
        }
        assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        try (var line = new BareLine(provider)) {
            line.ask("m");
            assertThat(provider.ledger().awaitUnderWay(1, PATIENCE)).isTrue();
        }
        assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();

        assertThat(provider.ledger().totals().count(Call.Disposition.HUNG)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    OPENAI    | x-ratelimit-limit-requests=60, x-ratelimit-remaining-requests=59, x-ratelimit-reset-requests=1s, x-ratelimit-limit-tokens=90000
                    AZURE     | x-ratelimit-limit-requests=60, x-ratelimit-remaining-requests=59, x-ratelimit-reset-requests=1, x-ratelimit-renewalperiod-requests=60
                    ANTHROPIC | anthropic-ratelimit-requests-limit=60, anthropic-ratelimit-requests-remaining=59, anthropic-ratelimit-requests-reset=2026-11-20T12:00:01Z, anthropic-ratelimit-tokens-limit=90000
                    DRAFT     | ratelimit="default";r=59;t=1, ratelimit-policy="default";q=60;w=60
                    NONE      | content-type=
                    """)
    void saysWhatIsLeftInEachStyleWithEveryAnswer(LimitHeaderStyle style, String said)
            throws Exception {
        RateLimit limit =
                new RateLimit(60, Duration.ofMinutes(1), 2, ProviderStyle.OPENAI)
                        .tokens(90_000, 90_000)
                        .headers(style);
        Behaviour limited = Behaviour.FAULTLESS.with(limit);
        Behaviour failing = Behaviour.always(Fault.refuse(Refusal.SERVER)).with(limit);
        provider.script(Script.of(limited).model("failing", failing).model("streams", limited));

        HttpResponse<String> answered = client.ask("m");
        HttpResponse<String> failed = client.ask("failing");
        HttpResponse<String> streamed =
                client.post("/v1/chat/completions", ApiClient.stream("streams"));

        assertThat(List.of(answered.statusCode(), failed.statusCode(), streamed.statusCode()))
                .containsExactly(200, 500, 200);
        for (HttpResponse<String> each : List.of(answered, failed, streamed)) {
            String headers =
                    each.headers().map().entrySet().stream()
                            .map(header -> header.getKey() + "=" + header.getValue().getFirst())
                            .collect(Collectors.joining("\n"));
            assertThat(headers).contains(said.strip().split(", (?=[a-z])"));
            assertThat(headers.contains("ratelimit")).isEqualTo(style != LimitHeaderStyle.NONE);
        }
    }

    @Test
    void countsWhatEachKeyWasRefused() throws Exception {
        provider.script(
                Script.of(
                        Behaviour.FAULTLESS.with(
                                new RateLimit(1, Duration.ofMinutes(1), 1, ProviderStyle.OPENAI))));

        askFor(5);
        askFor(5);
        client.ask("m");

        Map<String, Totals> keys = provider.ledger().totalsByKey();
        assertThat(keys.get("...nant"))
                .extracting(Totals::statuses)
                .isEqualTo(Map.of(200, 1L, 429, 1L));
        assertThat(keys.get("(none)")).extracting(Totals::statuses).isEqualTo(Map.of(429, 1L));
        assertThat(
                        ApiClient.json(client.get("/_simulator/summary"))
                                .at("/keys/...nant/statuses/429")
                                .intValue())
                .isEqualTo(1);
    }

    private static AnswerShape answer(int tokens) {
        return new AnswerShape(tokens, 0, 0, "");
    }

    private static RateLimit ofTokens(long limit, long burst) {
        return new RateLimit(1000, Duration.ofMinutes(1), 1000, ProviderStyle.OPENAI)
                .tokens(limit, burst);
    }

    private int inputTokens() {
        return Math.toIntExact(provider.ledger().calls().getLast().tokens().input());
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    @Test
    void isUnavailableForTheScriptedTime() throws Exception {
        Outage outage =
                new Outage(Duration.ofSeconds(10), Duration.ofSeconds(20), Outage.Kind.UNAVAILABLE);
        provider.script(
                Script.of(Behaviour.FAULTLESS).model("m", Behaviour.FAULTLESS.with(outage)));

        int before = client.ask("m").statusCode();
        clock.advance(Duration.ofSeconds(10));
        int within = client.ask("m").statusCode();
        int other = client.ask("other").statusCode();
        clock.advance(Duration.ofSeconds(10));
        int after = client.ask("m").statusCode();

        assertThat(new int[] {before, within, other, after}).containsExactly(200, 503, 200, 200);
    }

    @Test
    void countsAnOutageFromWhenTheScriptWasPutInPlace() throws Exception {
        Script script =
                Script.of(Behaviour.FAULTLESS)
                        .outage(Duration.ofSeconds(5), Duration.ofSeconds(9), Outage.Kind.CUT);
        clock.advance(Duration.ofHours(1));
        provider.script(script);

        int before = client.ask("m").statusCode();
        clock.advance(Duration.ofSeconds(5));
        assertThatThrownBy(() -> client.ask("m")).isInstanceOf(IOException.class);
        provider.reset();
        int after = client.ask("m").statusCode();

        assertThat(before).isEqualTo(200);
        assertThat(after).isEqualTo(200);
    }

    @Test
    void hangsInAnOutageThatHangs() throws Exception {
        provider.script(
                Script.of(Behaviour.FAULTLESS)
                        .outage(Duration.ZERO, Duration.ofSeconds(9), Outage.Kind.HANG));
        try (var line = new BareLine(provider)) {
            line.ask("m");
            assertThat(provider.ledger().awaitUnderWay(1, PATIENCE)).isTrue();
        }

        assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        assertThat(provider.ledger().totals().count(Call.Disposition.HUNG)).isEqualTo(1);
    }

    @Test
    void refusesConnectionsWhileItIsDownAndComesBackOnTheSamePort() throws Exception {
        provider.script(Script.of(Behaviour.always(new Fault.Hang(false))));
        try (var open = new BareLine(provider)) {
            open.ask("m");
            assertThat(provider.ledger().awaitUnderWay(1, PATIENCE)).isTrue();

            provider.goDown();

            assertThat(open.rest().text()).isEmpty();
            assertThatThrownBy(() -> new BareLine(provider)).isInstanceOf(ConnectException.class);
        }
        provider.script(Script.of(Behaviour.FAULTLESS));
        assertThat(client.ask("m").statusCode()).isEqualTo(200);
    }

    @Test
    void refusesConnectionsByScriptAndListensAgainAfterwards() throws Exception {
        provider.script(
                Script.of(Behaviour.FAULTLESS)
                        .outage(Duration.ZERO, Duration.ofMillis(300), Outage.Kind.REFUSED));

        long end = System.nanoTime() + PATIENCE.toNanos();
        boolean refused = false;
        while (!refused && System.nanoTime() < end) {
            refused = refuses();
        }
        clock.advance(Duration.ofSeconds(1));
        while (refuses() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }

        assertThat(refused).isTrue();
        assertThat(client.ask("m").statusCode()).isEqualTo(200);
    }

    private boolean refuses() throws IOException {
        try (var _ = new BareLine(provider)) {
            return false;
        } catch (ConnectException _) {
            return true;
        } catch (SocketException _) {
            return false; // reset: it was in the queue of a door that was just being shut
        }
    }
}
