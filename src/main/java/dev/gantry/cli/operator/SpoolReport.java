package dev.gantry.cli.operator;

import dev.gantry.cli.Table;
import dev.gantry.outbox.SpoolListing;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What spool has to say, to people and to programs. */
final class SpoolReport {
    private SpoolReport() {}

    static String text(SpoolListing listing) {
        List<String> parts = new ArrayList<>();
        parts.add(waiting(listing));
        if (listing.asideCount() > 0) {
            parts.add(aside(listing));
        }
        if (listing.keptCount() > 0) {
            parts.add(kept(listing));
        }
        return String.join("\n", parts).stripTrailing();
    }

    static String text(SpoolListing.Count count) {
        String there = "%d records, %d bytes; ".formatted(count.records(), count.bytes());
        return count.right()
                ? there + "the counters were right"
                : there
                        + "the counters said %d records, %d bytes and are right now"
                                .formatted(
                                        count.records() - count.missingRecords(),
                                        count.bytes() - count.missingBytes());
    }

    private static String waiting(SpoolListing listing) {
        Duration oldest = listing.oldest();
        if (oldest == null) {
            return "The spool is empty.\n";
        }
        Table table = new Table("topic", "records", "size", "oldest");
        for (SpoolListing.Depth depth : listing.waiting()) {
            table.add(
                    depth.topic(),
                    Long.toString(depth.records()),
                    size(depth.bytes()),
                    Table.span(depth.oldest()));
        }
        table.add(
                "all topics",
                Long.toString(listing.records()),
                size(listing.bytes()),
                Table.span(oldest));
        return table.toString();
    }

    private static String aside(SpoolListing listing) {
        Table table = new Table("id", "topic", "size", "age", "reason");
        for (SpoolListing.SetAside row : listing.aside()) {
            table.add(
                    Long.toString(row.id()),
                    row.topic(),
                    size(row.bytes()),
                    Table.span(row.age()),
                    row.reason());
        }
        return heading(
                        "Set aside, and tried again only by spool retry ID",
                        listing.aside().size(),
                        listing.asideCount())
                + table;
    }

    private static String kept(SpoolListing listing) {
        Table table = new Table("id", "request", "size", "age");
        for (SpoolListing.KeptAnswer row : listing.kept()) {
            table.add(row.id(), row.requestId(), size(row.bytes()), Table.span(row.age()));
        }
        return heading(
                        "Answers too large for the broker, kept for 7 days; spool show ID prints",
                        listing.kept().size(),
                        listing.keptCount())
                + table;
    }

    private static String heading(String text, int shown, long count) {
        return shown < count
                ? "%s (the oldest %d of %d):\n".formatted(text, shown, count)
                : "%s (%d):\n".formatted(text, count);
    }

    private static String size(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        if (bytes < 1 << 20) {
            return String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0);
        }
        return bytes < 1 << 30
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }

    /** Of a record that is dropped. */
    static String text(SpoolListing.SetAside row) {
        return "record %d of %s is dropped: %d bytes".formatted(row.id(), row.topic(), row.bytes());
    }

    static ObjectNode json(SpoolListing listing) {
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
        addAside(root, listing);
        addKept(root, listing);
        return root;
    }

    static ObjectNode json(SpoolListing.SetAside row, String reason, String actor) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id())
                .put("action", "drop")
                .put("actor", actor)
                .put("reason", reason)
                .put("topic", row.topic())
                .put("bytes", row.bytes())
                .put("age_ms", row.age().toMillis())
                .put("set_aside", row.reason());
    }

    static ObjectNode json(SpoolListing.Count count) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("records", count.records())
                .put("bytes", count.bytes())
                .put("missing_records", count.missingRecords())
                .put("missing_bytes", count.missingBytes());
    }

    private static void addAside(ObjectNode root, SpoolListing listing) {
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

    private static void addKept(ObjectNode root, SpoolListing listing) {
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
