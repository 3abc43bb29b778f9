package dev.gantry.event;

import dev.gantry.inference.Assignment;
import dev.gantry.inference.CostGoal;
import dev.gantry.inference.Effort;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.SourcePosition;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/** The members that name a request, the same in every event. */
public final class RequestMembers {
    private RequestMembers() {}

    static void ids(JsonBody body, InferenceRequest request) {
        body.text("request_id", request.id().value())
                .text("custom_id", request.customId())
                .textIfKnown("batch_id", request.batchId())
                .textIfKnown("conversation_id", request.options().conversationId())
                .textIfKnown("session_id", request.options().sessionId())
                .text("execution", request.execution());
    }

    static void source(JsonBody body, SourcePosition source) {
        body.text("source_topic", source.topic())
                .number("source_partition", source.partition())
                .number("source_offset", source.offset());
    }

    /** As submitted. */
    static void terms(JsonBody body, RequestOptions options) {
        body.texts("caller", options.caller())
                .texts("billing", options.billing())
                .textIfKnown("priority", options.priority())
                .texts("tags", options.tags());
        classification(body, options.sensitivity());
    }

    /** As declared; left out where nothing is. */
    static void classification(JsonBody body, RequestOptions.Sensitivity declared) {
        if (declared.equals(RequestOptions.Sensitivity.NONE)) {
            return;
        }
        body.object(
                "classification",
                classification ->
                        classification
                                .textIfKnown("level", declared.level())
                                .flag("contains_pii", declared.pii())
                                .flag("contains_phi", declared.phi()));
    }

    /** Left out where no tier was assigned. */
    static void assignment(JsonBody body, @Nullable Assignment assignment) {
        if (assignment == null) {
            return;
        }
        Effort effort = assignment.effort();
        CostGoal cost = assignment.cost();
        body.object(
                "assignment",
                each ->
                        each.text("tier", assignment.tier().label())
                                .text("source", assignment.source().label())
                                .flag("forced", assignment.forced())
                                .flag("applied", assignment.applied())
                                .textIfKnown("effort", effort == null ? null : effort.label())
                                .textIfKnown("cost", cost == null ? null : cost.label()));
    }

    /**
     * From the record's timestamp to this instant. Another machine's clock wrote the timestamp: a
     * wait is never less than none. Without one, from the moment this worker took the record.
     */
    public static Duration queued(InferenceRequest request, Instant until) {
        long timestamp = request.source().timestamp();
        Instant since = timestamp < 0 ? request.receivedAt() : Instant.ofEpochMilli(timestamp);
        Duration queued = Duration.between(since, until);
        return queued.isNegative() ? Duration.ZERO : queued;
    }

    /** Joins a request's routing decision with what was done on its strength. */
    static String decisionId(InferenceRequest request) {
        return request.execution() + "/d1";
    }
}
