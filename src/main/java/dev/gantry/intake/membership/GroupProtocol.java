package dev.gantry.intake.membership;

/** How the worker joins its consumer group. */
public enum GroupProtocol {
    /** KIP-848 if the broker can, else classic cooperative-sticky. */
    AUTO,
    CONSUMER,
    CLASSIC
}
