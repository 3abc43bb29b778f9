package dev.gantry.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows in aligned columns, with what its cells are often written as. */
public final class Table {
    private static final int NARROWEST = 12;

    private final List<List<String>> lines = new ArrayList<>();
    private final int[] widths;

    public Table(String... titles) {
        widths = new int[titles.length];
        add(titles);
    }

    /** One row; a cell's text may come from anywhere. */
    public Table add(String... cells) {
        List<String> line = new ArrayList<>(Arrays.stream(cells).map(Visible::line).toList());
        for (int column = 0; column < widths.length; column++) {
            widths[column] = Math.max(widths[column], line.get(column).length());
        }
        lines.add(line);
        return this;
    }

    /** Cuts the last column first, then the first, until a line has at most so many characters. */
    public Table fit(int width) {
        int last = widths.length - 1;
        cut(last, width);
        cut(0, width);
        return this;
    }

    private void cut(int column, int width) {
        int over = Arrays.stream(widths).sum() + 2 * (widths.length - 1) - width;
        if (over <= 0) {
            return;
        }
        int room = Math.max(NARROWEST, widths[column] - over);
        widths[column] = Math.min(widths[column], room);
        for (List<String> line : lines) {
            String cell = line.get(column);
            if (cell.length() > room) {
                line.set(column, head(cell, room - 1) + "…");
            }
        }
    }

    private static String head(String cell, int room) {
        return cell.substring(
                0, Character.isHighSurrogate(cell.charAt(room - 1)) ? room - 1 : room);
    }

    /** Each line ends with a line feed. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (List<String> line : lines) {
            var row = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String cell = line.get(column);
                row.append(cell).repeat(' ', widths[column] - cell.length() + 2);
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    public static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** The two largest units, such as {@code 3m 12s}. */
    public static String span(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
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
