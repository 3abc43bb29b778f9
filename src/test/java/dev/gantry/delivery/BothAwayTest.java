package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.outbox.SpoolTraffic;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;

/** Broker and database are both away: what is finished is held until either returns. */
class BothAwayTest extends SpoolOutage {
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
        broker.stop();
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
        broker.stop();
        awaitDown();
        Await.until("noticed", () -> !traffic.publisher().spool().reachable());
        Await.until("waits in memory", () -> traffic.publisher().status().records() > 2_000);
        assertThat(traffic.publisher().burden()).isPositive();
    }
}
