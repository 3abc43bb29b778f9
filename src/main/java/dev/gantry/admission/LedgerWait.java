package dev.gantry.admission;

import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * The wait of a request whose caps need the ledger.
 *
 * @param answer complete when the ledger has answered, or the request's time is over
 */
public record LedgerWait(CompletableFuture<Void> answer) implements QueuedRequest {
    @Override
    public WaitReason reason() {
        return WaitReason.LEDGER;
    }

    @Override
    public boolean wantsOnlyRoom(Predicate<LaneId> takesCalls) {
        return false;
    }

    @Override
    public @Nullable Instant until() {
        return null;
    }

    @Override
    public void whenOver(Runnable then) {
        var _ = answer.thenRun(then);
    }

    @Override
    public @Nullable Permit permit() {
        return null;
    }

    @Override
    public void leave() {
        answer.cancel(false);
    }
}
