package dev.gantry.request;

import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SourceRecord;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/**
 * What of a request outlasts its body while it waits: who it is, and this delivery's own identity,
 * which reading the record again would not give back.
 */
public record RequestIdentity(
        SourcePosition source,
        String customId,
        @Nullable String batchId,
        String execution,
        Instant receivedAt) {
    public static RequestIdentity of(InferenceRequest request) {
        return new RequestIdentity(
                request.source(),
                request.customId(),
                request.batchId(),
                request.execution(),
                request.receivedAt());
    }

    /** Whether this was read at the same place and is the same; a topic made anew holds others. */
    public boolean isOf(InferenceRequest again) {
        return again.source().equals(source) && again.customId().equals(customId);
    }

    /** The request as it was, of the record as it was read again. */
    public InferenceRequest restore(InferenceRequest again) {
        return again.continuing(execution, receivedAt);
    }

    /** Ends a request of whose record nothing but this is left. */
    public Rejection rejection(String message) {
        return new Rejection(
                new SourceRecord(source, null, null, List.of()),
                FailureCode.INTERNAL_ERROR,
                message,
                customId,
                batchId);
    }
}
