package dev.gantry.audit;

import org.jspecify.annotations.Nullable;

/**
 * What audit events say of prompts and answers.
 *
 * @param hashKey the HMAC key; without one, hash is as none
 */
public record AuditSettings(Content content, @Nullable String hashKey) {
    public AuditSettings {
        hashKey = hashKey == null || hashKey.isBlank() ? null : hashKey;
    }

    /** How much of prompts and answers is kept. */
    public enum Content {
        FULL,
        HASH,
        NONE
    }

    /** Whether hashes are asked for but cannot be made: the start says so. */
    public boolean lacksKey() {
        return content == Content.HASH && hashKey == null;
    }

    @Override
    public String toString() {
        return "AuditSettings[content="
                + content
                + ", hashKey="
                + (hashKey == null ? "none" : "***")
                + "]";
    }
}
