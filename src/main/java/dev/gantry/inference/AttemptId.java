package dev.gantry.inference;

/**
 * Names one dispatch, {@code <execution>~<number>}; minted before the call, derived from nothing
 * outside.
 */
public record AttemptId(String execution, int number) {
    public String value() {
        return execution + "~" + number;
    }

    @Override
    public String toString() {
        return value();
    }
}
