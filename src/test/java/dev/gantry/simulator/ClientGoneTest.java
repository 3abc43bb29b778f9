package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.ConnectionEnd;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

class ClientGoneTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private SimulatedProvider provider;

    @BeforeEach
    void start() throws IOException {
        Latency slow = new Latency.Fixed(Duration.ofHours(10));
        AnswerShape shape = new AnswerShape(600_000, 0, 0, "");
        provider = SimulatedProvider.start(Script.of(Behaviour.taking(slow).with(shape)));
    }

    @AfterEach
    void stop() throws IOException {
        provider.close();
    }

    @ParameterizedTest
    @EnumSource(ConnectionEnd.class)
    void noticesAtOnceAndBillsWhatWasGenerated(ConnectionEnd connectionEnd) throws Exception {
        try (var line = new BareLine(provider)) {
            line.ask("m");
            assertThat(provider.ledger().awaitUnderWay(1, PATIENCE)).isTrue();
            if (connectionEnd == ConnectionEnd.RESET) {
                line.reset();
            }
        }

        assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        Call call = provider.ledger().calls().getFirst();
        assertThat(call.disposition()).isEqualTo(Call.Disposition.CLIENT_GONE);
        assertThat(call.billed()).isTrue();
        assertThat(call.tokens().input()).isEqualTo(ApiClient.chat("m").length() / 4);
        assertThat(call.tokens().output()).isLessThan(30_000);
        assertThat(call.status()).isZero();
    }

    @Test
    void noticesACancelledHttpClient() throws Exception {
        try (var client = new ApiClient(provider)) {
            CompletableFuture<HttpResponse<String>> call =
                    client.http()
                            .sendAsync(
                                    client.request("/v1/chat/completions", ApiClient.chat("m")),
                                    BodyHandlers.ofString());
            assertThat(provider.ledger().awaitUnderWay(1, PATIENCE)).isTrue();

            call.cancel(true);

            assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        }
        assertThat(provider.ledger().totals().count(Call.Disposition.CLIENT_GONE)).isEqualTo(1);
    }

    @Test
    void billsTheEventsSentWhenAStreamIsLeft() throws Exception {
        AnswerShape shape = new AnswerShape(1000, 0, 0, "");
        Latency latency = new Latency.Fixed(Duration.ofSeconds(5));
        provider.script(Script.of(Behaviour.taking(latency).with(shape)));

        // Again if this thread was held up until the whole stream was there.
        Await.until(
                "a stream left in its middle", () -> left().equals(Call.Disposition.CLIENT_GONE));

        Call call = provider.ledger().calls().getLast();
        assertThat(call.status()).isEqualTo(200);
        assertThat(call.tokens().output()).isBetween(1L, 999L);
    }

    private Call.Disposition left() throws Exception {
        try (var line = new BareLine(provider)) {
            line.send(BareLine.post(ApiClient.stream("m")));
            line.until("{\"content\":\"");
        }
        assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        return provider.ledger().calls().getLast().disposition();
    }

    @Test
    void entersAnAnswerThatTheClientWouldNotReadToItsEndAsGone() throws Exception {
        provider.script(Script.of(Behaviour.always(new Fault.Oversize(1L << 30))));
        try (var line = new BareLine(provider)) {
            line.ask("m");
            line.until("content");
        }

        assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        assertThat(provider.ledger().calls())
                .extracting(Call::disposition)
                .containsExactly(Call.Disposition.CLIENT_GONE);
        assertThat(provider.ledger().totals().billed()).isEqualTo(1);
    }

    @Test
    void entersCallsThatItsOwnEndCutsShort() throws Exception {
        try (var line = new BareLine(provider)) {
            line.ask("m");
            assertThat(provider.ledger().awaitUnderWay(1, PATIENCE)).isTrue();

            provider.close();

            assertThat(line.rest().text()).isEmpty();
        }
        assertThat(provider.ledger().totals().count(Call.Disposition.CUT_BEFORE)).isEqualTo(1);
        assertThat(provider.ledger().underWay()).isZero();
    }
}
