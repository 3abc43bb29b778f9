package dev.gantry.provider;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of provider calls that are the worker's, not an endpoint's.
 *
 * @param maxResponseSize of one answer's body; it is held in memory
 */
@ConfigurationProperties("gantry.worker")
public record TransportSettings(@DefaultValue("16MB") DataSize maxResponseSize) {
    private static final DataSize LARGEST = DataSize.ofGigabytes(1);

    public TransportSettings {
        if (maxResponseSize.toBytes() < 1 || maxResponseSize.compareTo(LARGEST) > 0) {
            throw new IllegalArgumentException(
                    "gantry.worker.max-response-size: %s is not between 1 byte and 1 GB"
                            .formatted(maxResponseSize));
        }
    }

    int maxResponseBytes() {
        return Math.toIntExact(maxResponseSize.toBytes());
    }
}
