package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.outbox.SpoolFixture;
import dev.gantry.outbox.SpoolTraffic;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.DurableBroker;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;

/**
 * Broker and database of a test class's own, under traffic. Detection takes one and a half seconds,
 * an outage at least five times that.
 */
@Timeout(120)
abstract class SpoolOutage {
    /** At about 900 records a second. */
    static final int LONG = 7_000;

    static DurableBroker broker;
    static DatabaseProcess database;
    SpoolFixture fixture;
    SpoolTraffic traffic;

    @BeforeAll
    static void start() throws Exception {
        broker = DurableBroker.start();
        database = DatabaseProcess.start();
    }

    @AfterAll
    static void end() throws IOException {
        database.close();
        broker.close();
    }

    @BeforeEach
    void open() throws Exception {
        fixture = SpoolFixture.on(database.address());
        traffic = new SpoolTraffic(broker.bootstrapServers(), fixture.settings());
        awaitSafe(500);
    }

    @AfterEach
    void close() {
        traffic.close();
        fixture.close();
    }

    final void awaitDown() throws Exception {
        Await.until("noticed", () -> traffic.publisher().brokerDownSince().isPresent());
    }

    final void awaitSafe(int records) throws Exception {
        Await.until(records + " are safe", () -> traffic.safeCount() >= records);
    }

    final void endsWell() throws Exception {
        Await.until("open", () -> traffic.publisher().status().healthy());
        Await.until("the database is seen", () -> traffic.publisher().spool().reachable());
        traffic.stop();
        Await.until("drained", () -> fixture.rows() == 0);
        assertThat(traffic.wrong()).isEmpty();
        assertThat(fixture.counted()).isTrue();
    }
}
