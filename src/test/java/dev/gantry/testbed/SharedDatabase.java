package dev.gantry.testbed;

import com.zaxxer.hikari.HikariDataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.testcontainers.postgresql.PostgreSQLContainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/** One real PostgreSQL for all test classes that do not stop it; keep apart by schema. */
public final class SharedDatabase {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Address ADDRESS = start();

    private SharedDatabase() {}

    /** Where it is; {@code spring.datasource.*}. */
    public record Address(String url, String username, String password) {
        /** At most so many connections to it. */
        public HikariDataSource pool(int most) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(url);
            pool.setUsername(username);
            pool.setPassword(password);
            pool.setMaximumPoolSize(most);
            return pool;
        }
    }

    public static Address address() {
        return ADDRESS;
    }

    /** At most so many connections to it. */
    public static HikariDataSource pool(int most) {
        return ADDRESS.pool(most);
    }

    /** A schema name that no other test uses. */
    public static String uniqueSchema() {
        return "gantry_test_" + NAMES.incrementAndGet();
    }

    private static Address start() {
        if (Docker.answers()) {
            PostgreSQLContainer container = new PostgreSQLContainer("postgres:18");
            container.start();
            return new Address(
                    container.getJdbcUrl(), container.getUsername(), container.getPassword());
        }
        try {
            EmbeddedPostgres postgres =
                    EmbeddedPostgres.builder()
                            .setPort(Ports.free())
                            .setPGStartupWait(DatabaseProcess.START_WITHIN)
                            .start();
            return new Address(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "postgres");
        } catch (IOException e) {
            throw new UncheckedIOException("embedded PostgreSQL did not start", e);
        }
    }
}
