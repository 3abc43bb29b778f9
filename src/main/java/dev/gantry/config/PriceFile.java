package dev.gantry.config;

import dev.gantry.inference.LaneId;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceCatalog;
import dev.gantry.metering.PriceList;
import dev.gantry.provider.Endpoint;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The file of {@code gantry.pricing.catalog}: prices of lanes that have none of their own. */
final class PriceFile {
    private static final String KEY = "gantry.pricing.catalog";

    private PriceFile() {}

    /**
     * @param path null: no file
     * @param priced lanes whose price the configuration says: the file is not asked
     * @throws WrongSettingsException if the file cannot be used
     */
    static PriceList of(
            @Nullable String path, List<Lane> lanes, List<Endpoint> endpoints, Set<LaneId> priced) {
        if (path == null) {
            return PriceList.NONE;
        }
        try {
            PriceCatalog catalog = PriceCatalog.of(Files.readAllBytes(Path.of(path)));
            Map<LaneId, Price> prices = new LinkedHashMap<>();
            for (Lane lane : lanes) {
                if (!priced.contains(lane.id())) {
                    catalog.price(
                                    names(lane.id(), endpoints),
                                    lane.id().model(),
                                    region(lane.id(), endpoints))
                            .ifPresent(price -> prices.put(lane.id(), price));
                }
            }
            return PriceList.of(prices, "catalog", catalog.version());
        } catch (NoSuchFileException | InvalidPathException e) {
            throw wrong(path, "no such file");
        } catch (IOException e) {
            throw wrong(path, "cannot be read, " + e.getClass().getSimpleName());
        } catch (IllegalArgumentException e) {
            throw wrong(path, String.valueOf(e.getMessage()));
        }
    }

    /** The vendor first: a family may be named after its place. */
    private static List<String> names(LaneId lane, List<Endpoint> endpoints) {
        return Stream.concat(
                        endpoints.stream()
                                .filter(each -> each.provider().equals(lane.provider()))
                                .map(Endpoint::vendor),
                        Stream.of(lane.provider()))
                .distinct()
                .toList();
    }

    /** {@code https://eu.api.openai.com} is the address of those who process there only. */
    private static String region(LaneId lane, List<Endpoint> endpoints) {
        return endpoints.stream()
                .filter(each -> each.provider().equals(lane.provider()))
                .filter(each -> each.instance().equals(lane.instance()))
                .map(each -> each.baseUrl().getHost().split("\\.", 2)[0])
                .filter(label -> label.equals("eu") || label.equals("us"))
                .findFirst()
                .orElse("");
    }

    private static WrongSettingsException wrong(String path, String why) {
        return new WrongSettingsException(List.of("%s: %s: %s".formatted(KEY, path, why)));
    }
}
