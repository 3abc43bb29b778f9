package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Outage;
import dev.gantry.simulator.script.ProviderStyle;
import dev.gantry.simulator.script.RateLimit;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.time.Duration;

class LimitsAndOutagesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

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
        assertThat(header(first, "x-ratelimit-remaining-requests")).isEqualTo("1");
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
