package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;
import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.DurableBroker;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;

/**
 * Broker and database stop, die and freeze under traffic; both are this test's own. Detection takes
 * one and a half seconds, an outage at least five times that.
 */
@Timeout(120)
class SpoolOutageTest {
    /** At about 900 records a second. */
    private static final int LONG = 7_000;

    private static DurableBroker broker;
    private static DatabaseProcess database;
    private SpoolGround ground;
    private SpoolTraffic traffic;

    /** How a broker goes away and comes back. */
    enum Fault {
        STOPPED {
            @Override
            void begin(DurableBroker broker) throws InterruptedException {
                broker.stop();
            }

            @Override
            void end(DurableBroker broker) throws IOException {
                broker.startAgain();
            }
        },
        KILLED {
            @Override
            void begin(DurableBroker broker) throws InterruptedException {
                broker.kill();
            }

            @Override
            void end(DurableBroker broker) throws IOException {
                broker.startAgain();
            }
        },
        FROZEN {
            @Override
            void begin(DurableBroker broker) throws IOException, InterruptedException {
                broker.freeze();
            }

            @Override
            void end(DurableBroker broker) throws IOException, InterruptedException {
                broker.thaw();
            }
        };

        abstract void begin(DurableBroker broker) throws IOException, InterruptedException;

        abstract void end(DurableBroker broker) throws IOException, InterruptedException;
    }

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
        ground = SpoolGround.on(database.address());
        traffic = new SpoolTraffic(broker.bootstrapServers(), ground.settings());
        awaitSafe(500);
    }

    @AfterEach
    void close() {
        traffic.close();
        ground.close();
    }

    @ParameterizedTest
    @EnumSource
    void theSpoolTakesOverWhileTheBrokerIsAwayAndGivesAllBack(Fault fault) throws Exception {
        fault.begin(broker);
        awaitDown();
        awaitSafe(LONG);
        assertThat(ground.rows()).isPositive();
        fault.end(broker);

        endsWell();
        assertThat(traffic.longestSend()).isLessThan(SpoolTraffic.mostHeld());
    }

    @Test
    void theDatabaseGoesAndNobodyNotices() throws Exception {
        database.stop();
        awaitSafe(3_000);

        assertThat(traffic.publisher().status().healthy()).isTrue();
        database.startAgain();
        endsWell();
        assertThat(traffic.publisher().spool().spooled()).isZero();
    }

    @Test
    void bothGoAndTheBrokerReturnsFirst() throws Exception {
        bothGo();
        broker.startAgain();

        Await.until("the broker takes it all", () -> traffic.publisher().status().healthy());
        awaitSafe(LONG);
        database.startAgain();
        endsWell();
    }

    @Test
    void bothGoAndTheDatabaseReturnsFirst() throws Exception {
        bothGo();
        database.startAgain();

        awaitSafe(LONG);
        assertThat(traffic.publisher().brokerDownSince()).isPresent();
        broker.startAgain();
        endsWell();
    }

    @Test
    void aFrozenDatabaseHoldsNoCallerAndLosesNothing() throws Exception {
        broker.kill();
        awaitDown();
        awaitSafe(2_000);
        database.freeze();
        Await.until("noticed", () -> !traffic.publisher().spool().reachable());
        int before = traffic.safeCount();
        Await.until("waits in memory", () -> traffic.publisher().status().records() > 1_000);
        assertThat(traffic.safeCount()).as("nothing is called safe").isEqualTo(before);
        database.thaw();

        awaitSafe(before + 1_000);
        broker.startAgain();
        endsWell();
        assertThat(traffic.longestSend()).isLessThan(SpoolTraffic.mostHeld());
    }

    private void bothGo() throws Exception {
        database.stop();
        broker.kill();
        awaitDown();
        Await.until("noticed", () -> !traffic.publisher().spool().reachable());
        Await.until("waits in memory", () -> traffic.publisher().status().records() > 2_000);
        assertThat(traffic.publisher().burden()).isPositive();
    }

    private void awaitDown() throws Exception {
        Await.until("noticed", () -> traffic.publisher().brokerDownSince().isPresent());
    }

    private void awaitSafe(int records) throws Exception {
        Await.until(records + " are safe", () -> traffic.safeCount() >= records);
    }

    private void endsWell() throws Exception {
        Await.until("open", () -> traffic.publisher().status().healthy());
        Await.until("the database is seen", () -> traffic.publisher().spool().reachable());
        traffic.stop();
        Await.until("drained", () -> ground.rows() == 0);
        assertThat(traffic.wrong()).isEmpty();
        assertThat(ground.counted()).isTrue();
    }
}
