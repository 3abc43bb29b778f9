package dev.gantry.escalation;

import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.Opening;
import dev.gantry.classification.Classification;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a request has met so far: facts only, in the order in which they count. What they mean, the
 * policy in force says. A value; every move gives a new one.
 */
record AttemptHistory(List<Fact> facts) {
    static final AttemptHistory EMPTY = new AttemptHistory(List.of());

    AttemptHistory {
        facts = List.copyOf(facts);
    }

    /** One thing that became of a lane for this request. */
    sealed interface Fact {
        Lane lane();
    }

    /** The lane was passed over, which is no attempt. */
    record Skipped(Lane lane, String why) implements Fact {}

    /**
     * The lane was called, and the call has ended.
     *
     * @param counted whether the lane was told of it, as one failure of several
     * @param opening what its failure has opened for the fleet; null: nothing
     */
    record Called(
            PlannedCall plan,
            Attempt attempt,
            Heard heard,
            Moment moment,
            boolean counted,
            @Nullable Opening opening)
            implements Fact {
        @Override
        public Lane lane() {
            return plan.lane();
        }

        @Nullable ErrorKind kind() {
            return heard.failure() == null ? null : heard.failure().kind();
        }

        Instant endedAt() {
            return attempt.dispatch().startedAt().plus(attempt.took());
        }

        Called told(boolean against, @Nullable Opening what) {
            return new Called(plan, attempt, heard, moment, against, what);
        }

        Called bodiless() {
            return new Called(plan, attempt.bodiless(), heard, moment, counted, opening);
        }
    }

    /**
     * What came back.
     *
     * @param reply without its body and headers
     * @param failure null exactly when the call succeeded
     * @param cutShort whether the request's deadline left the call less than its whole time
     * @param published whether somebody may have read a part of the answer before its end
     */
    record Heard(
            ProviderReply reply,
            @Nullable Classification failure,
            boolean cutShort,
            boolean published) {}

    /**
     * When the call began.
     *
     * @param epoch of the lane's circuits then
     * @param began on the fleet's clock
     */
    record Moment(long epoch, Instant began) {}

    AttemptHistory with(Fact fact) {
        List<Fact> more = new ArrayList<>(facts);
        more.add(fact);
        return new AttemptHistory(more);
    }

    /** Of an answer that did not end the request, nothing needs the body any more. */
    AttemptHistory bodiless() {
        Called last = last();
        return last == null ? this : instead(last, last.bodiless());
    }

    /** Bytes of the last answer. */
    int lastBodySize() {
        Called last = last();
        return last == null || last.attempt().answer() == null
                ? 0
                : last.attempt().answer().body().size();
    }

    /** The same of one that the request goes on without. */
    AttemptHistory bodiless(AttemptId id) {
        Called call = call(id);
        return instead(call, call.bodiless());
    }

    /** The call was counted as a failure of its lane. */
    AttemptHistory counted(AttemptId id) {
        Called call = call(id);
        return instead(call, call.told(true, call.opening()));
    }

    /** As if the call had been the last: what it asks for is what counts. */
    AttemptHistory endingWith(AttemptId id) {
        Called call = call(id);
        List<Fact> others = new ArrayList<>(facts);
        others.remove(call);
        return new AttemptHistory(others).with(call);
    }

    private Called call(AttemptId id) {
        return calls().stream()
                .filter(each -> each.plan().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private AttemptHistory instead(Called call, Called other) {
        List<Fact> same = new ArrayList<>(facts);
        same.set(facts.lastIndexOf(call), other);
        return new AttemptHistory(same);
    }

    /** Asked several times for every call, and mostly there is none or one: no streams here. */
    List<Called> calls() {
        if (facts.isEmpty()) {
            return List.of();
        }
        List<Called> calls = new ArrayList<>(facts.size());
        for (Fact each : facts) {
            if (each instanceof Called called) {
                calls.add(called);
            }
        }
        return calls;
    }

    /** In the order of dispatch, which in a race need not be that of the ends. */
    List<Attempt> attempts() {
        List<Attempt> attempts = new ArrayList<>(facts.size());
        for (Called each : calls()) {
            attempts.add(each.attempt());
        }
        attempts.sort(Comparator.comparingInt(each -> each.id().number()));
        return Collections.unmodifiableList(attempts);
    }

    AttemptId nextId(InferenceRequest request) {
        return request.attempt(calls().size() + 1);
    }

    /** The last call. */
    @Nullable Called last() {
        for (int each = facts.size() - 1; each >= 0; each--) {
            if (facts.get(each) instanceof Called called) {
                return called;
            }
        }
        return null;
    }

    /** What became of the lane last. */
    @Nullable Fact lastOn(LaneId lane) {
        for (int each = facts.size() - 1; each >= 0; each--) {
            Fact fact = facts.get(each);
            if (fact.lane().id().equals(lane)) {
                return fact;
            }
        }
        return null;
    }

    /** Whether the lane was passed over since it was called last. */
    boolean passedOver(LaneId lane) {
        return lastOn(lane) instanceof Skipped;
    }

    /** How often the lane was called, a retry in place not counted. */
    int visits(LaneId lane) {
        return count(each -> each.lane().id().equals(lane) && !each.plan().inPlace());
    }

    /** How many calls this holds of. */
    int count(Predicate<Called> holds) {
        int count = 0;
        for (Called each : calls()) {
            count += holds.test(each) ? 1 : 0;
        }
        return count;
    }

    /**
     * Visits that used an attempt: an in-place retry is part of its lane's visit, so a visit uses
     * at most one. (A visit that was first refused and then failed uses one: its second call may
     * have been billed.)
     */
    int attemptsUsed(EscalationPolicy policy) {
        int used = 0;
        boolean counted = false;
        for (Called call : calls()) {
            counted = counted && call.plan().inPlace();
            if (!counted && policy.use(call) == AttemptUse.ATTEMPT) {
                counted = true;
                used++;
            }
        }
        return used;
    }

    int refusals(EscalationPolicy policy) {
        return count(each -> policy.use(each) == AttemptUse.REFUSAL);
    }

    /** The lanes whose visits used an attempt. */
    Set<LaneId> charged(EscalationPolicy policy) {
        return calls().stream()
                .filter(each -> policy.use(each) == AttemptUse.ATTEMPT)
                .map(each -> each.lane().id())
                .collect(Collectors.toSet());
    }

    /**
     * Whether a call of this request has been counted as a failure of the lane: one logical request
     * counts once, so its later calls there count neither as calls nor as failures. (A probe is its
     * circuit's matter, and a refusal that benches at one hit is counted nowhere.)
     */
    boolean hasCounted(LaneId lane) {
        return count(each -> each.counted() && each.lane().id().equals(lane)) > 0;
    }

    /**
     * One request opens one circuit at most: if it has opened one, what else it meets may be its
     * own doing, and counts with what others meet. A stated wait is short, and ends by itself.
     */
    LaneFailure believed(LaneFailure failure) {
        boolean opened = count(each -> each.opening() != null) > 0;
        return opened && failure.kind() != ErrorKind.RATE_LIMIT
                ? new LaneFailure(
                        failure.kind(),
                        LaneFailure.Reach.LANE,
                        failure.retryAfter(),
                        failure.reason(),
                        LaneFailure.Proof.SUSPICION)
                : failure;
    }
}
