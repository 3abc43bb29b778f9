package dev.gantry.observe;

import dev.gantry.discovery.InstanceModels;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the lanes page says of instances that are asked for their models; free of secrets. */
final class DiscoveryRows {
    private DiscoveryRows() {}

    static List<Map<String, Object>> of(Map<String, InstanceModels> instances) {
        return instances.entrySet().stream()
                .map(each -> row(each.getKey(), each.getValue()))
                .toList();
    }

    private static Map<String, Object> row(String instance, InstanceModels known) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("instance", instance);
        row.put("state", known.state().label());
        row.put("models", known.models().size());
        Instant listed = known.listedAt();
        if (listed != null) {
            row.put("listed_at", listed.toString());
        }
        Instant until = known.keptUntil();
        if (until != null) {
            row.put("kept_until", until.toString());
        }
        if (known.trouble() != null) {
            row.put("reason", known.trouble());
        }
        if (!known.leftOut().isEmpty()) {
            row.put("left_out", known.leftOut());
        }
        return row;
    }
}
