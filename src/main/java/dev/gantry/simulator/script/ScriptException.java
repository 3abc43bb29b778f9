package dev.gantry.simulator.script;

/** A script or setting that cannot be used; the message names the member and what is allowed. */
public final class ScriptException extends RuntimeException {
    public ScriptException(String message) {
        super(message);
    }

    /** Never null, other than the inherited one. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
