package dev.gantry.inference;

/** How a request ended. */
public sealed interface Outcome {
    /** A lane answered; the attempt is the selected one. */
    record Succeeded(Attempt selected) implements Outcome {}

    /**
     * A provider's own answer ends the request: it refused, or its error is the outcome ({@code
     * escalate: false}).
     */
    record Refused(Attempt last) implements Outcome {}

    /** Gantry itself could not do it. */
    record Failed(FailureCode code, String message) implements Outcome {}

    /**
     * This worker gave the request up (shutdown, partition lost): no result; the record is
     * delivered again.
     */
    record Abandoned() implements Outcome {}
}
