package dev.gantry.config;

import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;

/** What of {@code spring.datasource.*} and {@code spring.flyway.*} would break a promise. */
public final class DatabaseKeys {
    private static final String URL = "spring.datasource.url";
    private static final String POOL = "spring.datasource.hikari.";
    private static final String COMMITTED = "TRANSACTION_READ_COMMITTED";

    /** One migrates while the other holds the gate. */
    private static final int LEAST_CONNECTIONS = 2;

    private final Binder binder;
    private final Mistakes mistakes = new Mistakes();

    private DatabaseKeys(Environment environment) {
        this.binder = Binder.get(environment);
    }

    /**
     * What is left out, each in one sentence.
     *
     * @throws WrongSettingsException naming each mistake
     */
    public static List<String> check(Environment environment) {
        DatabaseKeys keys = new DatabaseKeys(environment);
        keys.url(URL);
        keys.url(POOL + "jdbc-url");
        keys.pool();
        keys.mistakes.stop();
        return keys.notices();
    }

    private void url(String key) {
        String url = text(key);
        if (url != null
                && (!url.startsWith("jdbc:postgresql:")
                        || Driver.parseURL(url, new Properties()) == null)) {
            mistakes.add(key, shown(url), "jdbc:postgresql://host:port/database");
        }
    }

    /** Without what may be a password. */
    private static String shown(String url) {
        String plain = url.replaceAll("[?;].*", "?***");
        int at = plain.lastIndexOf('@');
        return at < 0 ? plain : "***" + plain.substring(at);
    }

    private void pool() {
        mistakes.check(
                !"false".equalsIgnoreCase(text(POOL + "auto-commit")),
                POOL + "auto-commit",
                "false",
                "true: each statement counts by itself");
        mistakes.check(
                !"true".equalsIgnoreCase(text(POOL + "read-only")),
                POOL + "read-only",
                "true",
                "false: workers write");
        String isolation = text(POOL + "transaction-isolation");
        mistakes.check(
                isolation == null || isolation.isBlank() || isolation.equals(COMMITTED),
                POOL + "transaction-isolation",
                String.valueOf(isolation),
                COMMITTED);
        String size = text(POOL + "maximum-pool-size");
        mistakes.check(
                size == null
                        || !size.matches("-?\\d{1,9}")
                        || Integer.parseInt(size) >= LEAST_CONNECTIONS,
                POOL + "maximum-pool-size",
                String.valueOf(size),
                LEAST_CONNECTIONS + " or more");
    }

    private List<String> notices() {
        List<String> notices = new ArrayList<>();
        Map<String, Object> flyway =
                binder.bind("spring.flyway", Bindable.mapOf(String.class, Object.class))
                        .orElse(Map.of());
        for (String key : new TreeSet<>(flyway.keySet())) {
            if (!key.equals("enabled") || !"false".equals(String.valueOf(flyway.get(key)))) {
                notices.add(
                        "spring.flyway.%s is left out: Gantry migrates by itself into gantry.database.schema, as the user of spring.datasource"
                                .formatted(key));
            }
        }
        return notices;
    }

    private @Nullable String text(String key) {
        return binder.bind(key, String.class).orElse(null);
    }
}
