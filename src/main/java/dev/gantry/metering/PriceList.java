package dev.gantry.metering;

import dev.gantry.inference.LaneId;

import java.util.Map;
import java.util.Optional;

/**
 * What each lane charges.
 *
 * @param source where the prices come from, for example {@code config}
 * @param version names their state, for example a content hash
 */
public record PriceList(Map<LaneId, Price> prices, String source, String version) {
    public PriceList {
        prices = Map.copyOf(prices);
    }

    public Optional<Price> of(LaneId lane) {
        return Optional.ofNullable(prices.get(lane));
    }
}
