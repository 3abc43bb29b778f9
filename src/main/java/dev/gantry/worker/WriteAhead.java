package dev.gantry.worker;

/**
 * Whether each dispatch is recorded before a byte goes to the provider ({@code
 * gantry.metering.write-ahead}).
 */
public enum WriteAhead {
    ON,
    OFF
}
