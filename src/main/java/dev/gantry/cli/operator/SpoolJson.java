package dev.gantry.cli.operator;

import dev.gantry.outbox.SpoolListing;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;

/** What spool has to say as one JSON object on one line. */
final class SpoolJson {
    private SpoolJson() {}

    static String of(SpoolListing listing) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("records", listing.records()).put("bytes", listing.bytes());
        Duration oldest = listing.oldest();
        if (oldest == null) {
            root.putNull("oldest_ms");
        } else {
            root.put("oldest_ms", oldest.toMillis());
        }
        ArrayNode topics = root.putArray("topics");
        for (SpoolListing.Depth depth : listing.waiting()) {
            topics.addObject()
                    .put("topic", depth.topic())
                    .put("records", depth.records())
                    .put("bytes", depth.bytes())
                    .put("oldest_ms", depth.oldest().toMillis());
        }
        aside(root, listing);
        kept(root, listing);
        return root.toString();
    }

    static String dropped(SpoolListing.SetAside row, String reason, String actor) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id())
                .put("action", "drop")
                .put("actor", actor)
                .put("reason", reason)
                .put("topic", row.topic())
                .put("bytes", row.bytes())
                .put("age_ms", row.age().toMillis())
                .put("set_aside", row.reason())
                .toString();
    }

    static String of(SpoolListing.Count count) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("records", count.records())
                .put("bytes", count.bytes())
                .put("missing_records", count.missingRecords())
                .put("missing_bytes", count.missingBytes())
                .toString();
    }

    private static void aside(ObjectNode root, SpoolListing listing) {
        root.put("set_aside_count", listing.asideCount());
        ArrayNode rows = root.putArray("set_aside");
        for (SpoolListing.SetAside row : listing.aside()) {
            rows.addObject()
                    .put("id", row.id())
                    .put("topic", row.topic())
                    .put("bytes", row.bytes())
                    .put("age_ms", row.age().toMillis())
                    .put("reason", row.reason());
        }
    }

    private static void kept(ObjectNode root, SpoolListing listing) {
        root.put("kept_count", listing.keptCount());
        ArrayNode rows = root.putArray("kept");
        for (SpoolListing.KeptAnswer row : listing.kept()) {
            rows.addObject()
                    .put("id", row.id())
                    .put("request_id", row.requestId())
                    .put("bytes", row.bytes())
                    .put("age_ms", row.age().toMillis());
        }
    }
}
