package dev.gantry.cli.result;

import dev.gantry.inference.IdRule;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names a batch; a generated one carries the second (UTC) of its submission. */
public record BatchId(String value) {
    public static final String ALLOWED = IdRule.BATCH_ID;

    private static final Pattern GENERATED = Pattern.compile("batch-(\\d{8}-\\d{6})-[a-z0-9]{4}");
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss", Locale.ROOT);
    // Without what is easily misread: 0 o, 1 l i.
    private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

    public BatchId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("batch id \"" + value + "\" is not " + ALLOWED);
        }
    }

    public static boolean isValid(String value) {
        return IdRule.isBatchId(value);
    }

    public static BatchId generate(Instant now, RandomGenerator random) {
        var suffix = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            suffix.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return new BatchId("batch-" + SECOND.format(now.atOffset(ZoneOffset.UTC)) + "-" + suffix);
    }

    /** When it was submitted, if the id is a generated one and its time is believable. */
    public Optional<Instant> submittedAt(Instant now) {
        Matcher matcher = GENERATED.matcher(value);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            Instant time = LocalDateTime.parse(matcher.group(1), SECOND).toInstant(ZoneOffset.UTC);
            return time.isAfter(now) ? Optional.empty() : Optional.of(time);
        } catch (DateTimeException e) {
            return Optional.empty(); // somebody's own id that only looks like ours
        }
    }

    /** What the keys of this batch's results begin with. */
    public String keyPrefix() {
        return value + "/";
    }

    @Override
    public String toString() {
        return value;
    }
}
