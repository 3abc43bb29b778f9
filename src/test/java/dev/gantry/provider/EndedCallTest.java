package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Cancellation;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Calls that are ended from outside: by their time limit, a cancellation, an interrupt. */
@Timeout(90)
class EndedCallTest {
    private final CountDownLatch taken = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    @Test
    void timeRunsOutBeforeAConnection() throws IOException {
        try (FullHouse house = new FullHouse();
                OneEndpoint providers =
                        Calls.providers(new EndpointDraft(house.baseUrl()).build())) {

            ProviderReply reply = Calls.call(providers, Calls.SHORT, new Cancellation());

            assertThat(reply).isEqualTo(new TimedOut(Calls.SHORT, false));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\nContent-",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
            })
    void timeRunsOutWaitingForTheRest(String begin) throws Exception {
        try (ScriptedServer server = hangingAfter(begin);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Calls.assertTimesOutSent(
                    Calls.SHORT, limit -> Calls.call(providers, limit, new Cancellation()));

            closed.await();
        }
    }

    @Test
    void timeRunsOutOnAnAnswerThatTrickles() throws Exception {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send("HTTP/1.1 200 OK\r\n\r\n");
                                    wire.socket().setSoTimeout(20);
                                    while (true) {
                                        wire.send("x");
                                        pause(wire);
                                    }
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Calls.assertTimesOutSent(
                    Calls.SHORT, limit -> Calls.call(providers, limit, new Cancellation()));
        }
    }

    @Test
    void cancellingClosesTheConnection()
            throws IOException, InterruptedException, ExecutionException {
        Cancellation cancellation = new Cancellation();
        try (ScriptedServer server = hangingAfter("");
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            FutureTask<ProviderReply> call =
                    new FutureTask<>(() -> Calls.call(providers, Calls.LONG, cancellation));
            Thread.ofVirtual().start(call);
            taken.await();

            cancellation.cancel();

            assertThat(call.get()).isEqualTo(new Cancelled(true));
            closed.await();
        }
    }

    @Test
    void cancellingWhileConnectingSaysNothingWasSent()
            throws IOException, InterruptedException, ExecutionException {
        Cancellation cancellation = new Cancellation();
        try (FullHouse house = new FullHouse();
                OneEndpoint providers =
                        Calls.providers(new EndpointDraft(house.baseUrl()).build())) {
            FutureTask<ProviderReply> call =
                    new FutureTask<>(() -> Calls.call(providers, Calls.LONG, cancellation));
            Thread caller = Thread.ofVirtual().start(call);
            while (caller.getState() == Thread.State.NEW
                    || caller.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }

            cancellation.cancel();

            assertThat(call.get()).isEqualTo(new Cancelled(false));
        }
    }

    @Test
    void aCallCancelledBeforehandSendsNothing() throws IOException {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        try (ScriptedServer server = ScriptedServer.answering("{}");
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            Calls.call(providers);

            ProviderReply reply = Calls.call(providers, Calls.LONG, cancellation);

            assertThat(reply).isEqualTo(new Cancelled(false));
        }
    }

    @Test
    void cancellingAfterTheAnswerHurtsNoLaterCall() throws IOException {
        Cancellation cancellation = new Cancellation();
        try (ScriptedServer server = ScriptedServer.answering("{}");
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            Calls.call(providers, Calls.LONG, cancellation);

            cancellation.cancel();
            ProviderReply next = Calls.call(providers);

            assertThat(next).isInstanceOf(Answered.class);
            assertThat(server.connections()).isOne();
        }
    }

    @Test
    void anInterruptCancelsAndStaysVisible()
            throws IOException, InterruptedException, ExecutionException {
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        try (ScriptedServer server = hangingAfter("");
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            FutureTask<ProviderReply> call =
                    new FutureTask<>(
                            () -> {
                                ProviderReply reply = Calls.call(providers);
                                flag.complete(Thread.currentThread().isInterrupted());
                                return reply;
                            });
            Thread caller = Thread.ofVirtual().start(call);
            taken.await();

            caller.interrupt();

            assertThat(call.get()).isEqualTo(new Cancelled(true));
            assertThat(flag.get()).isTrue();
            closed.await();
        }
    }

    @Test
    void anInterruptedThreadSendsNothing()
            throws IOException, InterruptedException, ExecutionException {
        try (ScriptedServer server = ScriptedServer.answering("{}");
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            Calls.call(providers);
            FutureTask<ProviderReply> call =
                    new FutureTask<>(
                            () -> {
                                Thread.currentThread().interrupt();
                                return Calls.call(providers);
                            });
            Thread.ofVirtual().start(call);

            assertThat(call.get()).isEqualTo(new Cancelled(false));
        }
    }

    @Test
    void aClosedProviderTakesNoCall() throws IOException {
        try (ScriptedServer server = ScriptedServer.answering("{}")) {
            OneEndpoint providers = Calls.providers(new EndpointDraft(server).build());
            providers.close();

            assertThat(Calls.call(providers)).isEqualTo(new Cancelled(false));
        }
    }

    @Test
    void aCallUnderWayOutlivesTheClosingAndKeepsItsTimeLimit() throws Exception {
        try (ScriptedServer server = hangingAfter("")) {
            Calls.assertTimesOutSent(Duration.ofSeconds(1), limit -> closedUnderWay(server, limit));
        }
    }

    private ProviderReply closedUnderWay(ScriptedServer server, Duration limit) throws Exception {
        OneEndpoint providers = Calls.providers(new EndpointDraft(server).build());
        FutureTask<ProviderReply> call =
                new FutureTask<>(() -> Calls.call(providers, limit, new Cancellation()));
        Thread.ofVirtual().start(call);
        Await.until("it is under way", () -> taken.getCount() == 0 || call.isDone());

        providers.close();

        return call.get();
    }

    private ScriptedServer hangingAfter(String begin) {
        return new ScriptedServer(
                wire -> {
                    if (wire.read() == null) {
                        return;
                    }
                    wire.send(begin);
                    taken.countDown();
                    wire.awaitClose();
                    closed.countDown();
                });
    }

    /** A wait of the socket's read time limit: nothing ever comes. */
    private static void pause(ScriptedServer.Wire wire) throws IOException {
        try {
            wire.in().read();
        } catch (SocketTimeoutException e) {
            // That was the pause.
        }
    }
}
