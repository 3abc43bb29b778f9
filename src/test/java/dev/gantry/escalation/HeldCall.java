package dev.gantry.escalation;

import dev.gantry.provider.ProviderReply;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** A call that stays under way until it is answered, or cancelled. */
final class HeldCall implements FakeProvider.Act {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CompletableFuture<ProviderReply> reply = new CompletableFuture<>();

    @Override
    public ProviderReply on(FakeProvider.Call call) {
        begun.countDown();
        try (var _ =
                call.cancellation()
                        .onCancel(() -> reply.complete(new ProviderReply.Cancelled(true)))) {
            return reply.join();
        }
    }

    /** The first of these counts, and whether the call was cancelled before. */
    void answers(ProviderReply what) {
        reply.complete(what);
    }

    /** Its reply is settled. */
    void awaitOver() {
        reply.join();
    }

    void awaitBegun() {
        try {
            begun.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
