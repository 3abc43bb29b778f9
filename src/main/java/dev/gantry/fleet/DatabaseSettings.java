package dev.gantry.fleet;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Everything under {@code gantry.database}.
 *
 * @param listenUrl direct connection for LISTEN when the data source goes through a pooler; may
 *     hold a password
 */
public record DatabaseSettings(
        @DefaultValue("gantry") SchemaName schema, @Nullable String listenUrl) {
    public DatabaseSettings {
        listenUrl = listenUrl == null || listenUrl.isBlank() ? null : listenUrl;
        if (listenUrl != null && !listenUrl.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException(
                    "gantry.database.listen-url: ***; allowed is a jdbc:postgresql: URL");
        }
    }

    /** Leaves the URL out: it may hold a password. */
    @Override
    public String toString() {
        return "DatabaseSettings[schema=%s, listenUrl=%s]"
                .formatted(schema, listenUrl == null ? null : "***");
    }
}
