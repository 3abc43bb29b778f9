package dev.gantry.config;

import dev.gantry.secret.Scrubber;
import dev.gantry.secret.Secret;
import dev.gantry.secret.SecretNames;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.convert.DurationStyle;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Pattern;

/** A value as a message may show it: not what stands under a secret key, nor what looks secret. */
final class ShownValue {
    private static final int LONGEST = 200;

    /** Under a key that nobody knows, which may be a secret's, mistyped. */
    private static final Pattern MISTYPED =
            Pattern.compile(
                    "key|token|secret|passw|credential|auth|header|url|\\.instances",
                    Pattern.CASE_INSENSITIVE);

    /** Long text of letters and digits without a space may be a key in the wrong place. */
    private static final Pattern UNBROKEN = Pattern.compile("(?=.*[0-9])(?=.*[A-Za-z])\\S{16,}");

    /** The same where the key is known and takes long names with separators. */
    private static final Pattern RANDOM =
            Pattern.compile("(?=.*[0-9])(?=.*[A-Za-z]).*[A-Za-z0-9]{20,}.*", Pattern.DOTALL);

    private static final List<ChronoUnit> UNITS =
            List.of(
                    ChronoUnit.DAYS,
                    ChronoUnit.HOURS,
                    ChronoUnit.MINUTES,
                    ChronoUnit.SECONDS,
                    ChronoUnit.MILLIS);

    private ShownValue() {}

    static String of(String key, Object value) {
        String text = value instanceof Duration time ? written(time) : value.toString();
        boolean secret =
                isSecret(key) || SecretNames.isSecret(key) || RANDOM.matcher(text).matches();
        if (secret) {
            return text.isEmpty() ? "" : Scrubber.MASK;
        }
        return cut(Scrubber.masked(text));
    }

    /** As a configuration says it, in the largest unit that holds it whole. */
    private static String written(Duration time) {
        for (ChronoUnit unit : UNITS) {
            if (time.equals(Duration.of(time.dividedBy(unit.getDuration()), unit))) {
                return DurationStyle.SIMPLE.print(time, time.isZero() ? ChronoUnit.SECONDS : unit);
            }
        }
        return time.toString();
    }

    /**
     * @param nearest the type of the key that may be meant; null: not known
     */
    static String ofUnknown(
            ConfigurationPropertyName name, Object value, @Nullable Class<?> nearest) {
        String text = value.toString();
        boolean secret =
                nearest == Secret.class
                        || MISTYPED.matcher(name.toString()).find()
                        || UNBROKEN.matcher(text).matches();
        return secret ? Scrubber.MASK : of(name.toString(), value);
    }

    /**
     * Also where the key above a secret was given a value of its own, or a secret has keys below.
     */
    private static boolean isSecret(String key) {
        if (!ConfigurationPropertyName.isValid(key)) {
            return false;
        }
        return switch (KeyLookup.find(ConfigurationPropertyName.of(key))) {
            case KeyLookup.Found.Key(var type) -> type == Secret.class;
            case KeyLookup.Found.Branch(var secrets) -> secrets;
            case KeyLookup.Found.Nothing(_, _, var type, _) -> type == Secret.class;
        };
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
