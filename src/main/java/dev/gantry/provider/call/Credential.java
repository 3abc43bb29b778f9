package dev.gantry.provider.call;

import dev.gantry.provider.Endpoint;

import org.jspecify.annotations.Nullable;

import java.util.function.LongSupplier;

/** An endpoint's key, as it is now. */
sealed interface Credential permits Credential.Fixed, KeyFile {
    /** Null while there is none. */
    @Nullable String key();

    /** The provider refused the key: look for a new one before the next call. */
    void refused();

    static Credential of(Endpoint endpoint, LongSupplier nanoTime) {
        return endpoint.apiKeyFile() == null
                ? new Fixed(endpoint.apiKey())
                : new KeyFile(endpoint.apiKeyFile(), nanoTime);
    }

    /** A key from the configuration. */
    final class Fixed implements Credential {
        private final @Nullable String key;

        Fixed(@Nullable String key) {
            this.key = key == null || key.isBlank() ? null : key.strip();
        }

        @Override
        public @Nullable String key() {
            return key;
        }

        @Override
        public void refused() {}
    }
}
