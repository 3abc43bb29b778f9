package dev.gantry.circuit.state;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How operators write a length of time: {@code 90s}, {@code 10m}, {@code 2h}, {@code 1d}. */
final class OperatorTime {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})([smhd])");

    private OperatorTime() {}

    static Duration parse(String text) {
        Matcher time = TEXT.matcher(text);
        if (!time.matches()) {
            throw new IllegalArgumentException(
                    "for: %s; allowed is a number and a unit: 90s, 10m, 2h, 1d".formatted(text));
        }
        long amount = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }
}
