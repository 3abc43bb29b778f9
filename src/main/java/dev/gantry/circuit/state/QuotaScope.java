package dev.gantry.circuit.state;

/** What a 429 benches ({@code quota-scope}). */
public enum QuotaScope {
    /** The instance's offer of the model. */
    LANE,
    /** The model at every instance of the account. */
    ACCOUNT,
    /** Every lane of the instance. */
    INSTANCE
}
