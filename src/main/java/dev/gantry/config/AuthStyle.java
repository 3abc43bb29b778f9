package dev.gantry.config;

import dev.gantry.provider.Endpoint.Auth;

import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code auth}. */
final class AuthStyle {
    private static final String HEADER = "header:";

    /** The token of RFC 9110, which header names are. */
    static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private AuthStyle() {}

    /** Empty if it is none of the three. */
    static Optional<Auth> of(String text) {
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
