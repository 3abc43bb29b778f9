package dev.gantry.request;

/**
 * Carries one clear error from deep inside a record to {@link RequestDecoder}, which turns it into
 * a value.
 */
final class InvalidRequest extends RuntimeException {
    InvalidRequest(String message) {
        super(message, null, false, false);
    }

    static InvalidRequest unknown(String member, String known) {
        return new InvalidRequest(member + ": unknown member; known are " + known);
    }

    static InvalidRequest wrongType(String member, String found, String allowed) {
        return new InvalidRequest(member + ": " + found + " is not " + allowed);
    }
}
