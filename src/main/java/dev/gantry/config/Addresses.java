package dev.gantry.config;

import dev.gantry.inference.Dialect;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Whether URLs can be called. A URL with credentials or a query is never shown. */
final class Addresses {
    private static final String BASE_URL =
            "an http or https URL without credentials or fragment, such as"
                    + " https://api.openai.com/v1";
    private static final String PROXY = "http://host:port without credentials";

    private Addresses() {}

    static void checkBaseUrl(String key, @Nullable String url, Dialect dialect, Mistakes mistakes) {
        if (url == null) {
            mistakes.missing(key, BASE_URL);
            return;
        }
        URI uri = parsed(url);
        boolean valid =
                uri != null
                        && ("http".equals(scheme(uri)) || "https".equals(scheme(uri)))
                        && uri.getHost() != null
                        && open(uri);
        mistakes.check(valid, key, shown(url), BASE_URL);
        if (uri != null && valid) {
            String corrected = PastedAddress.corrected(uri, dialect);
            mistakes.check(corrected == null, key, shown(url), "a base URL " + corrected);
        }
    }

    static void checkProxy(String key, @Nullable String url, Mistakes mistakes) {
        if (url == null) {
            return;
        }
        URI uri = parsed(url);
        boolean valid =
                uri != null
                        && "http".equals(scheme(uri))
                        && uri.getHost() != null
                        && uri.getPort() > 0
                        && open(uri)
                        && uri.getRawQuery() == null
                        && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"));
        mistakes.check(valid, key, shown(url), PROXY);
    }

    /** Nothing in it that is nobody's business, or that no server sees. */
    private static boolean open(URI uri) {
        return uri.getRawUserInfo() == null && uri.getRawFragment() == null;
    }

    private static @Nullable URI parsed(String url) {
        try {
            return new URI(url.strip());
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static @Nullable String scheme(URI uri) {
        return uri.getScheme() == null ? null : uri.getScheme().toLowerCase(Locale.ROOT);
    }

    private static String shown(String url) {
        return url.contains("@") || url.contains("?") || url.contains("#") ? "***" : url;
    }
}
