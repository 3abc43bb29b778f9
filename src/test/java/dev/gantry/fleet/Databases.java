package dev.gantry.fleet;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.testbed.SharedDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;

import java.util.List;

/** Pools as application.yml sets them up, but for their patience. */
final class Databases {
    private Databases() {}

    static HikariDataSource shared() {
        return pool(SharedDatabase.address());
    }

    static HikariDataSource pool(String url, String user, String password) {
        return pool(new SharedDatabase.Address(url, user, password));
    }

    /** Of a database that may not let anybody in: each try fails after a second. */
    static HikariDataSource impatient(SharedDatabase.Address address) {
        HikariDataSource pool = pool(address);
        pool.setConnectionTimeout(1_000);
        return pool;
    }

    static HikariDataSource pool(SharedDatabase.Address address) {
        HikariDataSource pool = address.pool(4);
        pool.setMinimumIdle(0);
        pool.setInitializationFailTimeout(-1);
        pool.addDataSourceProperty("prepareThreshold", "0");
        pool.addDataSourceProperty("socketTimeout", "60");
        return pool;
    }

    static List<String> tables(HikariDataSource pool, SchemaName schema) {
        return JdbcClient.create(pool)
                .sql("select tablename from pg_tables where schemaname = :schema order by 1")
                .param("schema", schema.value())
                .query((row, _) -> row.getString(1))
                .list();
    }
}
