package dev.gantry.provider.call;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Blanks our own secrets out of the errors that a provider answers: some echo the key they refuse.
 * Every other byte stays, and so does its place. A good answer is never touched, and a secret that
 * might be an ordinary word is not looked for: to blank it would only falsify what is said.
 */
final class SecretMask {
    /** Shorter ones are placeholders such as EMPTY, and may stand in any answer. */
    private static final int SHORTEST = 8;

    /** From here on nothing is a word any more, whatever its letters. */
    private static final int LONGEST_WORD = 24;

    /** Words, names and dates as people write them: {@code anything}, {@code not-needed}. */
    private static final Pattern ORDINARY =
            Pattern.compile("[A-Z]?[a-z]+(?:[-_. /][A-Z]?[a-z]+)*|[A-Z]+|[0-9.:/-]+");

    /** What begins so is a key, whatever follows. */
    private static final Pattern KEY =
            Pattern.compile("(?:sk|pk|rk|gsk|xai|nvapi|pplx|csk|fw|hf|r8|ark|key)[-_].*");

    private static final Pattern SECRET_PARAMETER =
            Pattern.compile(
                    "key|token|secret|auth|sig|password|pwd|credential|\\bcode\\b",
                    Pattern.CASE_INSENSITIVE);

    private final List<byte[]> secrets;

    /** The same. */
    private final List<String> texts;

    private SecretMask(List<byte[]> secrets) {
        this.secrets = secrets;
        this.texts =
                secrets.stream().map(each -> new String(each, StandardCharsets.UTF_8)).toList();
    }

    /** What an endpoint's configuration holds beside the key. */
    static SecretMask of(Map<String, String> headers, URI baseUrl) {
        List<byte[]> secrets = new ArrayList<>();
        // Who configures a header knows why; its name need not say that it is secret.
        headers.values().forEach(value -> addWithoutScheme(secrets, value));
        String query = baseUrl.getRawQuery();
        for (String parameter : (query == null ? "" : query).split("&", -1)) {
            String[] parts = parameter.split("=", 2);
            if (parts.length == 2 && SECRET_PARAMETER.matcher(parts[0]).find()) {
                add(secrets, parts[1]);
                add(secrets, URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return new SecretMask(secrets);
    }

    /** The same with the key as it is now; null: none. */
    SecretMask with(@Nullable String key) {
        if (key == null) {
            return this;
        }
        List<byte[]> more = new ArrayList<>(secrets);
        add(more, key);
        return new SecretMask(more);
    }

    /** Returns whether there was any. */
    boolean blank(byte[] body) {
        boolean found = false;
        for (byte[] secret : secrets) {
            for (int at = 0; at <= body.length - secret.length; at++) {
                if (body[at] == secret[0] && startsWith(body, at, secret)) {
                    Arrays.fill(body, at, at + secret.length, (byte) '*');
                    found = true;
                }
            }
        }
        return found;
    }

    /** The same map where there is nothing to blank, as nearly always. */
    Map<String, String> blank(Map<String, String> headers) {
        Map<String, String> blanked = headers;
        for (String text : texts) {
            if (holds(blanked, text)) {
                blanked = new HashMap<>(blanked);
                blanked.replaceAll((_, value) -> value.replace(text, "***"));
            }
        }
        return blanked;
    }

    private static boolean holds(Map<String, String> headers, String text) {
        for (String value : headers.values()) {
            if (value.contains(text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] body, int at, byte[] secret) {
        return Arrays.equals(body, at, at + secret.length, secret, 0, secret.length);
    }

    /** What follows a scheme, as in {@code Bearer sk-…}, is the secret. */
    private static void addWithoutScheme(List<byte[]> secrets, String value) {
        add(secrets, value.substring(value.lastIndexOf(' ') + 1));
    }

    private static boolean mayBeWord(String secret) {
        return secret.length() < SHORTEST
                || (secret.length() < LONGEST_WORD
                        && ORDINARY.matcher(secret).matches()
                        && !KEY.matcher(secret).matches());
    }

    /** As it is, and as JSON may write it. */
    private static void add(List<byte[]> secrets, String secret) {
        if (mayBeWord(secret)) {
            return;
        }
        String escaped = secret.replace("\\", "\\\\").replace("\"", "\\\"");
        List.of(secret, escaped, escaped.replace("/", "\\/")).stream()
                .distinct()
                .map(each -> each.getBytes(StandardCharsets.UTF_8))
                .forEach(secrets::add);
    }

    /** Names nothing. */
    @Override
    public String toString() {
        return "SecretMask[" + secrets.size() + "]";
    }
}
