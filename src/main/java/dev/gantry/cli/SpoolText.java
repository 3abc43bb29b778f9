package dev.gantry.cli;

import dev.gantry.kept.SpoolListing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What spool has to say to people. */
final class SpoolText {
    private SpoolText() {}

    static String of(SpoolListing listing) {
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

    private static String waiting(SpoolListing listing) {
        Duration oldest = listing.oldest();
        if (oldest == null) {
            return "The spool is empty.\n";
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("topic", "records", "size", "oldest"));
        for (SpoolListing.Depth depth : listing.waiting()) {
            lines.add(
                    List.of(
                            depth.topic(),
                            Long.toString(depth.records()),
                            size(depth.bytes()),
                            span(depth.oldest())));
        }
        lines.add(
                List.of(
                        "all topics",
                        Long.toString(listing.records()),
                        size(listing.bytes()),
                        span(oldest)));
        return table(lines);
    }

    private static String aside(SpoolListing listing) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("id", "topic", "size", "age", "reason"));
        for (SpoolListing.SetAside row : listing.aside()) {
            lines.add(
                    List.of(
                            Long.toString(row.id()),
                            row.topic(),
                            size(row.bytes()),
                            span(row.age()),
                            row.reason()));
        }
        return heading(
                        "Set aside, and tried again only by spool retry ID",
                        listing.aside().size(),
                        listing.asideCount())
                + table(lines);
    }

    private static String kept(SpoolListing listing) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("id", "request", "size", "age"));
        for (SpoolListing.KeptAnswer row : listing.kept()) {
            lines.add(List.of(row.id(), row.requestId(), size(row.bytes()), span(row.age())));
        }
        return heading(
                        "Answers too large for the broker, kept for 7 days; spool show ID prints",
                        listing.kept().size(),
                        listing.keptCount())
                + table(lines);
    }

    private static String heading(String text, int shown, long count) {
        return shown < count
                ? "%s (the oldest %d of %d):\n".formatted(text, shown, count)
                : "%s (%d):\n".formatted(text, count);
    }

    private static String table(List<List<String>> lines) {
        int[] widths = new int[lines.getFirst().size()];
        for (List<String> line : lines) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], line.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String cell = line.get(column);
                row.append(cell).repeat(' ', widths[column] - cell.length() + 2);
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
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

    /** The two largest units, such as {@code 3m 12s}. */
    private static String span(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m " + seconds % 60 + "s";
        }
        return seconds < 86_400
                ? seconds / 3600 + "h " + seconds % 3600 / 60 + "m"
                : seconds / 86_400 + "d " + seconds % 86_400 / 3600 + "h";
    }
}
