package dev.gantry.escalation;

import dev.gantry.admission.Permit;
import dev.gantry.admission.QueuedRequest;
import dev.gantry.admission.WaitReason;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.SuspendedRun;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.function.Predicate;

/** A run that stands in line. */
final class WaitingRun implements SuspendedRun {
    private final EscalationRun.Context context;
    private final AttemptHistory history;
    private final QueuedRequest queued;
    private final Next.@Nullable Retry owed;

    private @Nullable InferenceRequest request;

    WaitingRun(
            EscalationRun.Context context,
            InferenceRequest request,
            AttemptHistory history,
            QueuedRequest queued,
            Next.@Nullable Retry owed) {
        this.context = context;
        this.request = request;
        this.history = history;
        this.queued = queued;
        this.owed = owed;
    }

    @Override
    public boolean inLine() {
        return queued.reason() == WaitReason.SLOTS || queued.reason() == WaitReason.MEMORY;
    }

    @Override
    public boolean wantsOnlyRoom(Predicate<LaneId> takesCalls) {
        return queued.wantsOnlyRoom(takesCalls);
    }

    @Override
    public boolean begun() {
        return history.last() != null;
    }

    @Override
    public @Nullable InferenceRequest request() {
        return request;
    }

    @Override
    public void dropBody() {
        request = null;
    }

    @Override
    public void whenOver(Runnable then) {
        queued.whenOver(then);
    }

    @Override
    public void leave() {
        queued.leave();
    }

    @Override
    public Optional<SuspendedRun> resume(InferenceRequest same) throws InterruptedException {
        Permit permit = queued.permit();
        if (permit == null) {
            context.route().widen(same);
        }
        return EscalationRun.climb(context, same, history, permit, owed);
    }
}
