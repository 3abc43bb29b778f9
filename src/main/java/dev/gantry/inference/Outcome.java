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

    /**
     * Gantry itself could not do it.
     *
     * @param message the request's own: it may quote providers
     * @param reason the same without their words, for everybody
     */
    record Failed(FailureCode code, String message, String reason) implements Outcome {
        /** In words that are our own. */
        public Failed(FailureCode code, String message) {
            this(code, message, message);
        }
    }

    /**
     * This worker gave the request up (shutdown, partition lost): no result; the record is
     * delivered again.
     */
    record Abandoned() implements Outcome {}
}
