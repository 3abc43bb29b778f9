package dev.gantry.config.catalog;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.metering.Quote;
import dev.gantry.metering.TokenKind;
import dev.gantry.provider.Endpoint;
import dev.gantry.routing.Lane;
import dev.gantry.routing.ModelLists;
import dev.gantry.routing.RoutingSettings;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Twelve hex digits that show a fleet's drift. Secrets, and whether they are there, stay out. */
final class CatalogHash {
    private static final int BYTES = 6;

    private CatalogHash() {}

    /** What is done with the lanes. */
    record Rules(
            RoutingSettings routing,
            Map<String, RoutingPolicy> policies,
            List<Object> discovery,
            Map<String, Object> limits) {}

    /**
     * @param all those that were discovered come and go, and are left out
     */
    static String of(
            List<Lane> all,
            List<Endpoint> endpoints,
            Map<LaneId, Price> prices,
            PriceList file,
            Rules rules) {
        List<Lane> lanes = all.stream().filter(each -> !each.discovered()).toList();
        Set<LaneId> configured = lanes.stream().map(Lane::id).collect(Collectors.toSet());
        StringBuilder text = new StringBuilder();
        endpoints.forEach(each -> line(text, parts(each)));
        lanes.forEach(each -> line(text, parts(each)));
        // Of those that have any: releases that run beside this one know of none.
        lanes.stream()
                .filter(each -> !each.lists().equals(ModelLists.NONE))
                .forEach(each -> line(text, List.of(each.id(), each.lists())));
        prices.forEach(
                (lane, price) -> {
                    if (configured.contains(lane)) {
                        line(text, parts(lane, price));
                    }
                });
        configured.stream()
                .flatMap(lane -> file.quote(lane).stream())
                .map(Quote::version)
                .distinct()
                .forEach(version -> line(text, List.of(version)));
        // The name that releases have hashed which run beside this one.
        line(text, List.of(rules.routing().toString().replaceFirst("\\w+", "RoutingProperties")));
        rules.policies().values().forEach(each -> line(text, List.of(each)));
        rules.discovery().forEach(each -> line(text, List.of(each)));
        rules.limits().forEach((where, each) -> line(text, List.of(where, each)));
        return HexFormat.of().formatHex(sha256(text.toString()), 0, BYTES);
    }

    private static List<Object> parts(Endpoint endpoint) {
        return List.of(
                endpoint.id(),
                endpoint.dialect(),
                endpoint.vendor(),
                endpoint.baseUrl(),
                endpoint.auth(),
                new TreeSet<>(endpoint.headers().keySet()),
                endpoint.timeout(),
                endpoint.connectTimeout(),
                endpoint.propagateTrace(),
                String.valueOf(endpoint.sslBundle()),
                String.valueOf(endpoint.proxy()));
    }

    private static List<Object> parts(Lane lane) {
        return List.of(
                lane.id(),
                lane.aliases(),
                String.valueOf(lane.contextWindow()),
                String.valueOf(lane.maxOutputTokens()),
                lane.maxTokensField(),
                new TreeSet<>(lane.unsupportedParameters()),
                new TreeSet<>(lane.capabilities()),
                lane.weight(),
                lane.modelRank());
    }

    private static List<Object> parts(LaneId lane, Price price) {
        return List.of(
                lane,
                plain(price, TokenKind.INPUT_UNCACHED),
                plain(price, TokenKind.INPUT_CACHE_READ),
                plain(price, TokenKind.INPUT_CACHE_WRITE),
                plain(price, TokenKind.OUTPUT_TEXT));
    }

    private static String plain(Price price, TokenKind kind) {
        BigDecimal amount = price.list().of(kind);
        return amount == null ? "unknown" : amount.stripTrailingZeros().toPlainString();
    }

    private static void line(StringBuilder text, List<Object> parts) {
        text.append(parts).append('\n');
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
