package dev.gantry.secret;

import java.util.regex.Pattern;

/** Which keys of a configuration hold secrets, ours and those of Spring, Kafka and the drivers. */
public final class SecretNames {
    private static final Pattern HEADERS =
            Pattern.compile("(?:^|[._-])headers?(?:$|[.\\[_])", Pattern.CASE_INSENSITIVE);

    private static final Pattern SECRET =
            Pattern.compile(
                    "passw(?:or)?d|passphrase|secret|credential|token(?!s)|jaas|authorization|cookie"
                            + "|api[._-]?key|(?:access|account|private|shared|hash|signing|encryption|master"
                            + "|session|store|subscription)[._-]?key",
                    Pattern.CASE_INSENSITIVE);

    /** What stands beside a secret and is none. */
    private static final Pattern HARMLESS_END =
            Pattern.compile(
                    "(?:file|path|location|url|uri|endpoint|type|class|name|header|alias|ttl|timeout|enabled"
                            + "|algorithm|mechanism|validator|provider|handler|ms|seconds|size)\\]?$",
                    Pattern.CASE_INSENSITIVE);

    private SecretNames() {}

    /** Whether the value under this key, or environment variable, is a secret. */
    public static boolean isSecret(String key) {
        return HEADERS.matcher(key).find()
                || (SECRET.matcher(key).find() && !HARMLESS_END.matcher(key).find());
    }
}
