package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.provider.ProviderReply.Answered;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

@Timeout(120)
class ManyCallsTest {
    private static final int CROWD = 1_000;

    @Test
    void aThousandCallsAreUnderWayAtOnceAndTheirConnectionsAreUsedAgain()
            throws IOException, InterruptedException, ExecutionException {
        CountDownLatch allHere = new CountDownLatch(CROWD);
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    while (wire.read() != null) {
                                        allHere.countDown();
                                        await(allHere);
                                        wire.answer(200, "{}");
                                    }
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            List<ProviderReply> first = crowd(providers);
            List<ProviderReply> second = crowd(providers);

            assertThat(first).hasSize(CROWD).allMatch(Answered.class::isInstance);
            assertThat(second).hasSize(CROWD).allMatch(Answered.class::isInstance);
            assertThat(server.connections()).isEqualTo(CROWD);
        }
    }

    private static List<ProviderReply> crowd(OneEndpoint providers)
            throws InterruptedException, ExecutionException {
        List<FutureTask<ProviderReply>> calls = new ArrayList<>();
        for (int i = 0; i < CROWD; i++) {
            FutureTask<ProviderReply> call = new FutureTask<>(() -> Calls.call(providers));
            calls.add(call);
            Thread.ofVirtual().start(call);
        }
        List<ProviderReply> replies = new ArrayList<>();
        for (FutureTask<ProviderReply> call : calls) {
            replies.add(call.get());
        }
        return replies;
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
