package dev.gantry.audit;

import dev.gantry.secret.Secret;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code gantry.audit}: what audit events say of prompts and answers.
 *
 * @param hashKey the HMAC key; without one, hash is as none
 */
public record AuditSettings(
        @DefaultValue("hash") Content content, @DefaultValue("") Secret hashKey) {
    /** How much of prompts and answers is kept. */
    public enum Content {
        FULL,
        HASH,
        NONE
    }

    /** Whether hashes are asked for but cannot be made: the start says so. */
    public boolean lacksKey() {
        return content == Content.HASH && hashKey.isEmpty();
    }
}
