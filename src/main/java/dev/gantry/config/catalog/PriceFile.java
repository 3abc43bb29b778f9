package dev.gantry.config.catalog;

import dev.gantry.config.WrongSettingsException;
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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The file of {@code gantry.pricing.catalog}, for lanes that have no price of their own. */
final class PriceFile {
    private static final String KEY = "gantry.pricing.catalog";

    private final String path;
    private final byte[] bytes;

    private PriceFile(String path, byte[] bytes) {
        this.path = path;
        this.bytes = bytes;
    }

    /**
     * As it is now: what is discovered later is looked up in this state of it.
     *
     * @param path null: no file
     * @throws WrongSettingsException if the file cannot be read
     */
    static @Nullable PriceFile read(@Nullable String path) {
        if (path == null) {
            return null;
        }
        try {
            return new PriceFile(path, Files.readAllBytes(Path.of(path)));
        } catch (NoSuchFileException | InvalidPathException e) {
            throw wrong(path, "no such file");
        } catch (IOException e) {
            throw wrong(path, "cannot be read, " + e.getClass().getSimpleName());
        }
    }

    /**
     * @throws WrongSettingsException if it is no price file
     */
    PriceCatalog parsed() {
        try {
            return PriceCatalog.of(bytes);
        } catch (IllegalArgumentException e) {
            throw wrong(path, String.valueOf(e.getMessage()));
        }
    }

    /**
     * @param priced lanes whose price the configuration says: the file is not asked
     * @throws WrongSettingsException if the entry of a configured lane cannot be understood; a
     *     discovered one has no price then
     */
    PriceList prices(
            PriceCatalog catalog, List<Lane> lanes, List<Endpoint> endpoints, Set<LaneId> priced) {
        Map<LaneId, Price> prices = new LinkedHashMap<>();
        for (Lane lane : lanes) {
            if (!priced.contains(lane.id())) {
                try {
                    catalog.price(
                                    names(lane.id().provider(), endpoints),
                                    lane.id().model(),
                                    region(lane.id(), endpoints))
                            .ifPresent(price -> prices.put(lane.id(), price));
                } catch (IllegalArgumentException e) {
                    if (!lane.discovered()) {
                        throw wrong(path, String.valueOf(e.getMessage()));
                    }
                }
            }
        }
        return PriceList.of(prices, "catalog", catalog.version());
    }

    /** Of the same content, under the same name. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PriceFile file
                && file.path.equals(path)
                && Arrays.equals(file.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "PriceFile[" + path + "]";
    }

    /** The vendor first: a family may be named after its place. */
    private static List<String> names(String provider, List<Endpoint> endpoints) {
        return Stream.concat(
                        endpoints.stream()
                                .filter(each -> each.provider().equals(provider))
                                .map(Endpoint::vendor),
                        Stream.of(provider))
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
