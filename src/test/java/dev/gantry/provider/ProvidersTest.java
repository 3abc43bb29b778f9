package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Cancellation;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Endpoints come and go while calls are under way. */
class ProvidersTest {
    private static final DataSize LIMIT = DataSize.ofMegabytes(1);
    private static final String GOOD = "{\"choices\":[]}";

    private static final int ROUNDS = 100;

    /** So many stay, so that it takes a while to let one go. */
    private static final int OTHERS = 300;

    private final CountDownLatch taken = new CountDownLatch(1);
    private final Semaphore answer = new Semaphore(0);

    private record Elsewhere(String id, String vendor) implements CallTarget {}

    private ScriptedServer answeringWhenTold() throws Exception {
        return new ScriptedServer(
                wire -> {
                    wire.read();
                    taken.countDown();
                    answer.acquireUninterruptibly();
                    wire.answer(200, GOOD);
                });
    }

    @Test
    void anEndpointThatStaysKeepsItsConnections() throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(GOOD)) {
            Endpoint endpoint = new EndpointDraft(server).build();
            Endpoint same = new EndpointDraft(server).build();
            try (Providers providers = Calls.all(LIMIT, List.of(endpoint))) {
                Calls.call(providers.at(endpoint));

                providers.open(List.of(same));
                providers.keep(List.of(same));

                assertThat(Calls.call(providers.at(same))).isInstanceOf(Answered.class);
                assertThat(server.connections()).isOne();
            }
        }
    }

    @Test
    void aCallUnderWayEndsWhereItBeganThoughTheEndpointIsGone() throws Exception {
        try (ScriptedServer server = answeringWhenTold()) {
            Endpoint endpoint = new EndpointDraft(server).build();
            try (Providers providers = Calls.all(LIMIT, List.of(endpoint))) {
                FutureTask<ProviderReply> call =
                        new FutureTask<>(
                                () ->
                                        Calls.call(
                                                providers.at(endpoint),
                                                Calls.LONG,
                                                new Cancellation()));
                Thread.ofVirtual().start(call);
                taken.await();

                providers.keep(List.of());
                answer.release();

                assertThat(call.get()).isInstanceOf(Answered.class);
            }
        }
    }

    @Test
    void whoWasRoutedToAnEndpointThatIsReplacedStillCallsItWithItsOwnKey() throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(GOOD)) {
            Endpoint before = new EndpointDraft(server).key("sk-before").build();
            Endpoint after = new EndpointDraft(server).key("sk-after").build();
            try (Providers providers = Calls.all(LIMIT, List.of(before))) {
                providers.open(List.of(after));
                providers.keep(List.of(after));

                Calls.call(providers.at(before));
                Calls.call(providers.at(after));

                assertThat(server.request().headers().get("authorization"))
                        .isEqualTo("Bearer sk-before");
                assertThat(server.request().headers().get("authorization"))
                        .isEqualTo("Bearer sk-after");
            }
        }
    }

    /**
     * Whoever is routed to what goes comes between its parts, or not; in the end nothing is left.
     */
    @Test
    void whoComesWhileAnEndpointGoesGetsConnectionsThatAreKeptAndClosed() throws Exception {
        AtomicInteger open = new AtomicInteger();
        try (ScriptedServer server =
                new ScriptedServer(
                        wire -> {
                            open.incrementAndGet();
                            while (wire.read() != null) {
                                wire.answer(200, GOOD);
                            }
                            open.decrementAndGet();
                        })) {
            Endpoint endpoint = new EndpointDraft(server).build();
            List<Endpoint> others =
                    IntStream.range(0, OTHERS)
                            .mapToObj(
                                    each ->
                                            new EndpointDraft(server)
                                                    .instance("other-" + each)
                                                    .build())
                            .toList();
            try (Providers providers = Calls.all(LIMIT, others);
                    ExecutorService other = Executors.newSingleThreadExecutor()) {
                for (int round = 0; round < ROUNDS; round++) {
                    Calls.call(providers.at(endpoint));
                    AtomicBoolean gone = new AtomicBoolean();
                    CyclicBarrier together = new CyclicBarrier(2);
                    Future<?> latecomer =
                            other.submit(
                                    () -> {
                                        together.await();
                                        while (!gone.get()) {
                                            providers.at(endpoint);
                                        }
                                        return Calls.call(providers.at(endpoint));
                                    });
                    together.await();
                    providers.keep(others);
                    gone.set(true);
                    latecomer.get();

                    Calls.call(providers.at(endpoint));
                    int before = server.connections();
                    Calls.call(providers.at(endpoint));
                    assertThat(server.connections()).as("the pool is open").isEqualTo(before);
                    providers.keep(others);
                }
                Await.until("no connection is left", () -> open.get() == 0);
            }
        }
    }

    @Test
    void whatIsNoEndpointIsABug() {
        try (Providers providers = Calls.all(LIMIT, List.of())) {
            assertThatThrownBy(() -> providers.at(new Elsewhere("sim:main", "sim")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("sim:main");
        }
    }
}
