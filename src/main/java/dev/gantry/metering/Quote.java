package dev.gantry.metering;

/**
 * A lane's price and whose word it is.
 *
 * @param source {@code config} or {@code catalog}
 * @param version names the state of the source, for example a content hash
 */
public record Quote(Price price, String source, String version) {}
