package dev.gantry.observe;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The bearer token that operators show. */
public final class OperatorToken {
    private static final String BEARER = "Bearer ";

    private final byte[] token;

    /**
     * @param token empty: nobody is an operator
     */
    public OperatorToken(String token) {
        this.token = token.strip().getBytes(StandardCharsets.UTF_8);
    }

    boolean isSet() {
        return token.length > 0;
    }

    /** In a time that tells nothing of the token. */
    boolean isShownIn(@Nullable String authorization) {
        if (!isSet()
                || authorization == null
                || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return false;
        }
        String shown = authorization.substring(BEARER.length()).strip();
        // A servlet reads headers as Latin-1: these are the bytes that came.
        return MessageDigest.isEqual(token, shown.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Names nothing. */
    @Override
    public String toString() {
        return "OperatorToken";
    }
}
