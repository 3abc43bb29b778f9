package dev.gantry.escalation;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.memory.Hold;
import dev.gantry.provider.DeltaSink;
import dev.gantry.provider.Provider;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Lane;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers each lane by its script and remembers every call; a call off the script is a bug. */
final class FakeProvider implements Provider {
    /** One call as it arrived. */
    record Call(
            Attempt.Dispatch dispatch,
            Duration timeout,
            Cancellation cancellation,
            Hold hold,
            DeltaSink deltas) {}

    /** What a lane does when called. */
    interface Act {
        ProviderReply on(Call call);
    }

    private final Map<LaneId, Deque<Act>> scripts = new ConcurrentHashMap<>();
    private final Map<LaneId, Act> habits = new ConcurrentHashMap<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();

    FakeProvider on(Lane lane, ProviderReply... replies) {
        for (ProviderReply reply : replies) {
            does(lane, _ -> reply);
        }
        return this;
    }

    /** Answers so whenever its script is at its end. */
    FakeProvider always(Lane lane, ProviderReply reply) {
        return alwaysDoes(lane, _ -> reply);
    }

    FakeProvider alwaysDoes(Lane lane, Act act) {
        habits.put(lane.id(), act);
        return this;
    }

    FakeProvider does(Lane lane, Act act) {
        scripts.computeIfAbsent(lane.id(), _ -> new ConcurrentLinkedDeque<>()).add(act);
        return this;
    }

    @Override
    public ProviderReply call(
            InferenceRequest request,
            Attempt.Dispatch dispatch,
            Duration timeout,
            Cancellation cancellation,
            Hold hold,
            DeltaSink deltas) {
        var call = new Call(dispatch, timeout, cancellation, hold, deltas);
        calls.add(call);
        Deque<Act> script = scripts.getOrDefault(dispatch.lane(), new ArrayDeque<>());
        Act next = script.poll();
        ProviderReply reply =
                Objects.requireNonNullElseGet(next, () -> habit(dispatch.lane())).on(call);
        if (reply instanceof ProviderReply.Answered(_, var headers)) {
            deltas.head(headers);
        }
        return reply;
    }

    private Act habit(LaneId lane) {
        return Objects.requireNonNull(habits.get(lane), "off the script");
    }

    List<Call> calls() {
        return calls;
    }

    List<LaneId> lanes() {
        return calls.stream().map(call -> call.dispatch().lane()).toList();
    }
}
