package dev.gantry.provider.openai;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Blanks our own secrets out of what a provider answers: some echo the key they refuse. Every other
 * byte stays, and so does its place.
 */
final class SecretMask {
    /** Shorter ones are placeholders such as EMPTY, and may stand in any answer. */
    private static final int SHORTEST = 8;

    private static final Pattern SECRET_NAME =
            Pattern.compile(
                    "key|token|secret|auth|cookie|password|signature|credential",
                    Pattern.CASE_INSENSITIVE);

    private final List<byte[]> secrets;

    private SecretMask(List<byte[]> secrets) {
        this.secrets = secrets;
    }

    /** What an endpoint's configuration holds beside the key. */
    static SecretMask of(Map<String, String> headers, URI baseUrl) {
        List<byte[]> secrets = new ArrayList<>();
        headers.forEach((name, value) -> addNamed(secrets, name, value));
        String query = baseUrl.getRawQuery();
        for (String parameter : (query == null ? "" : query).split("&", -1)) {
            String[] parts = parameter.split("=", 2);
            addNamed(secrets, parts[0], parts[parts.length - 1]);
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

    void blank(byte[] body) {
        for (byte[] secret : secrets) {
            for (int at = 0; at <= body.length - secret.length; at++) {
                if (body[at] == secret[0] && startsWith(body, at, secret)) {
                    Arrays.fill(body, at, at + secret.length, (byte) '*');
                }
            }
        }
    }

    /** The same map where there is nothing to blank, as nearly always. */
    Map<String, String> blank(Map<String, String> headers) {
        Map<String, String> blanked = headers;
        for (byte[] secret : secrets) {
            String text = new String(secret, StandardCharsets.UTF_8);
            if (blanked.values().stream().anyMatch(value -> value.contains(text))) {
                blanked = new HashMap<>(blanked);
                blanked.replaceAll((_, value) -> value.replace(text, "***"));
            }
        }
        return blanked;
    }

    private static boolean startsWith(byte[] body, int at, byte[] secret) {
        return Arrays.equals(body, at, at + secret.length, secret, 0, secret.length);
    }

    /** What follows a scheme, as in {@code Bearer sk-…}, is the secret. */
    private static void addNamed(List<byte[]> secrets, String name, String value) {
        if (SECRET_NAME.matcher(name).find()) {
            add(secrets, value.substring(value.lastIndexOf(' ') + 1));
        }
    }

    /** As it is, and as JSON may write it. */
    private static void add(List<byte[]> secrets, String secret) {
        if (secret.length() < SHORTEST) {
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
