package dev.gantry.cli;

import dev.gantry.circuit.CircuitOffice;
import dev.gantry.circuit.CircuitStatus;
import dev.gantry.circuit.OperatorAction;
import dev.gantry.circuit.Transition;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What lanes has to say to people. */
final class LanesText {
    private static final String NOT_ALL =
            "Circuits without trouble have no row; a worker's /actuator/lanes lists every lane.";
    private static final List<String> TITLES =
            List.of("circuit", "state", "since", "until", "failures", "trips", "kind", "reason");

    private LanesText() {}

    static String of(CircuitOffice.Listing listing) {
        if (listing.rows().isEmpty()) {
            return "All lanes are as new: no circuit has ever moved.\n" + NOT_ALL;
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(TITLES);
        listing.rows().forEach(row -> lines.add(line(row, listing.at())));
        return table(lines) + NOT_ALL;
    }

    static String of(OperatorAction action, List<Transition> moves) {
        if (moves.isEmpty()) {
            return "%s %s: nothing had to move"
                    .formatted(action.deed().label(), action.target().value());
        }
        return String.join("\n", moves.stream().map(LanesText::move).toList());
    }

    private static List<String> line(CircuitStatus status, Instant now) {
        Instant until = status.state().until();
        return List.of(
                status.key().value(),
                status.state().name().label(),
                status.state().since().equals(Instant.EPOCH)
                        ? "-"
                        : seconds(status.state().since()),
                until == null
                        ? "-"
                        : seconds(until) + " (in " + span(Duration.between(now, until)) + ")",
                String.format(Locale.ROOT, "%.0f", status.failures()),
                Integer.toString(status.trips()),
                status.cause().kind() == null ? "-" : status.cause().kind().label(),
                status.cause().reason().isEmpty() ? "-" : status.cause().reason());
    }

    private static String move(Transition move) {
        return "%s: %s -> %s%s"
                .formatted(
                        move.key().value(),
                        move.from().label(),
                        move.to().label(),
                        move.until() == null ? "" : " until " + seconds(move.until()));
    }

    private static String table(List<List<String>> lines) {
        int[] widths = new int[TITLES.size()];
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

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** The two largest units, such as {@code 3m 12s}. */
    private static String span(Duration left) {
        long seconds = Math.max(0, left.toSeconds());
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
