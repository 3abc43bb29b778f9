package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Cancellation;
import dev.gantry.memory.ByteBudget;
import dev.gantry.memory.Hold;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;

/** Answers that stay in their sockets until there is room for them in memory. */
@Timeout(90)
class WithheldAnswerTest {
    private static final String ANNOUNCED = "Content-Length: 1000\r\n\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n3e8\r\n";
    private static final String CHUNKS_END = "\r\n0\r\n\r\n";
    private static final String TO_THE_END = "Connection: close\r\n\r\n";

    /** An answer counts twice. */
    private final ByteBudget budget = new ByteBudget(100_000, 2);

    private final AtomicLong undelivered = new AtomicLong();
    private final Cancellation cancellation = new Cancellation();
    private Duration limit = Calls.LONG;

    WithheldAnswerTest() {
        budget.counts(() -> 0, undelivered::get);
    }

    @ParameterizedTest
    @ValueSource(strings = {ANNOUNCED, CHUNKED, TO_THE_END})
    void waitsForRoomAndItsTimeStandsStillMeanwhile(String framing) throws Exception {
        try (ScriptedServer server = serving(framing);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            limit = Calls.SHORT;

            ProviderReply reply = readAfterTwiceItsTime(providers);
            while (reply.equals(new TimedOut(limit, true))) {
                limit = limit.multipliedBy(2); // what was left of it was too little to read
                reply = readAfterTwiceItsTime(providers);
            }

            assertThat(((Answered) reply).answer().body().size()).isEqualTo(1000);
            assertThat(budget.answers()).isEqualTo(2000);
            assertThat(budget.waiting()).isZero();
        }
    }

    private ProviderReply readAfterTwiceItsTime(OneEndpoint providers) throws Exception {
        FutureTask<ProviderReply> call = withheld(providers);
        long begun = System.nanoTime();
        Await.until(
                "the call's time would have run out twice",
                () -> System.nanoTime() - begun > 2 * limit.toNanos());
        assertThat(call.isDone()).isFalse();

        makeRoom();

        return call.get();
    }

    @Test
    void theTimeThatWasLeftGoesOnAfterTheWait() throws Exception {
        try (ScriptedServer server = serving(ANNOUNCED + "{\"half\":", "");
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            limit = Calls.SHORT;
            FutureTask<ProviderReply> call = withheld(providers);

            makeRoom();

            assertThat(call.get()).isEqualTo(new TimedOut(limit, true));
            assertThat(budget.answers()).isZero();
        }
    }

    /** However large it said that it would be: others have the room. */
    @Test
    void aHeadWithoutABodyTakesNothing() throws Exception {
        try (ScriptedServer silent = serving(ANNOUNCED, "");
                OneEndpoint providers = Calls.providers(new EndpointDraft(silent).build())) {
            fill();

            Calls.assertTimesOutSent(
                    Calls.SHORT, each -> Calls.call(providers, each, cancellation, budget.hold()));

            assertThat(budget.waiting()).as("its time ran: it did not wait for room").isZero();
            assertThat(budget.answers()).isZero();
        }
    }

    @Test
    void cancellingEndsTheWait() throws Exception {
        try (ScriptedServer server = serving(ANNOUNCED);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            FutureTask<ProviderReply> call = withheld(providers);

            cancellation.cancel();

            assertThat(call.get()).isEqualTo(new Cancelled(true));
            assertThat(budget.waiting()).isZero();
        }
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        try (ScriptedServer server = serving(ANNOUNCED);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            fill();
            FutureTask<ProviderReply> call = new FutureTask<>(() -> call(providers, budget.hold()));
            Thread thread = Thread.ofVirtual().start(call);
            Await.until("the answer waits", () -> budget.waiting() == 1);

            thread.interrupt();

            assertThat(call.get()).isEqualTo(new Cancelled(true));
        }
    }

    @ParameterizedTest
    @CsvSource({"5000, 2, 200", "100, 1, 200", "100, 0, 200"})
    void whatIsNoWholeAnswerTakesNothing(int announced, int sent, int status) throws Exception {
        String head = "HTTP/1.1 " + status + " X\r\nContent-Length: " + announced + "\r\n\r\n";
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send(head + "x".repeat(sent));
                                });
                OneEndpoint providers =
                        Calls.providers(DataSize.ofBytes(1000), new EndpointDraft(server).build());
                Hold hold = budget.hold()) {
            ProviderReply reply = call(providers, hold);

            assertThat(reply).isNotInstanceOf(Answered.class);
            assertThat(budget.answers()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8191, 8192, 8193, 16384, 100_000, 1 << 20})
    void readsAnswersOfEveryLengthPieceByPiece(int length) throws Exception {
        try (ScriptedServer server = serving(TO_THE_END, "x".repeat(length));
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build());
                Hold hold = ByteBudget.boundless().hold()) {
            Answered reply = (Answered) call(providers, hold);

            assertThat(reply.answer().body().text()).isEqualTo("x".repeat(length));
        }
    }

    @Test
    void anAnswerOfUnknownLengthOverTheLimitIsTooLarge() throws Exception {
        try (ScriptedServer server = serving(TO_THE_END, "x".repeat(20_001));
                OneEndpoint providers =
                        Calls.providers(
                                DataSize.ofBytes(20_000), new EndpointDraft(server).build());
                Hold hold = budget.hold()) {
            assertThat(call(providers, hold)).isEqualTo(new TooLarge(200, 20_000));
            assertThat(budget.answers()).isZero();
        }
    }

    /** Nothing may overdraw either: as much as all of it lies undelivered. */
    private void fill() {
        undelivered.set(100_000);
    }

    private void makeRoom() {
        undelivered.set(0);
        budget.freed();
    }

    private static ScriptedServer serving(String framing) {
        String end = framing.equals(CHUNKED) ? CHUNKS_END : "";
        return serving(framing, "x".repeat(1000) + end);
    }

    private static ScriptedServer serving(String framing, String rest) {
        return new ScriptedServer(
                wire -> {
                    wire.read();
                    wire.send("HTTP/1.1 200 OK\r\n" + framing + rest);
                    if (!framing.equals(TO_THE_END)) {
                        wire.awaitClose();
                    }
                });
    }

    /** A call whose answer waits; with more time where its own was over before. */
    private FutureTask<ProviderReply> withheld(OneEndpoint providers) throws Exception {
        fill();
        while (true) {
            FutureTask<ProviderReply> call = new FutureTask<>(() -> call(providers, budget.hold()));
            Thread.ofVirtual().start(call);
            Await.until("the answer waits", () -> budget.waiting() == 1 || call.isDone());
            if (!call.isDone()) {
                return call;
            }
            assertThat(call.get()).isInstanceOf(TimedOut.class);
            limit = limit.multipliedBy(2);
        }
    }

    private ProviderReply call(OneEndpoint providers, Hold hold) {
        return Calls.call(providers, limit, cancellation, hold);
    }
}
