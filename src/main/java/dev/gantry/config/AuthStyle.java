package dev.gantry.config;

import dev.gantry.inference.Dialect;
import dev.gantry.provider.Endpoint.Auth;

import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code auth}. */
public final class AuthStyle {
    private static final String HEADER = "header:";

    /** The token of RFC 9110, which header names are. */
    static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private AuthStyle() {}

    /** Of all the provider's instances; empty if what is written is none of the three. */
    public static Optional<Auth> of(ProviderSettings provider) {
        return provider.auth() == null
                ? Optional.of(usual(provider.dialect()))
                : of(provider.auth());
    }

    private static Auth usual(Dialect dialect) {
        return switch (dialect) {
            case OPENAI -> new Auth.Bearer();
            case ANTHROPIC -> new Auth.Header("x-api-key");
            case GEMINI -> new Auth.Header("x-goog-api-key");
        };
    }

    private static Optional<Auth> of(String text) {
        if (text.equals("bearer")) {
            return Optional.of(new Auth.Bearer());
        }
        if (text.equals("none")) {
            return Optional.of(new Auth.None());
        }
        if (!text.startsWith(HEADER)) {
            return Optional.empty();
        }
        String name = text.substring(HEADER.length()).strip();
        return TOKEN.matcher(name).matches()
                ? Optional.of(new Auth.Header(name))
                : Optional.empty();
    }
}
