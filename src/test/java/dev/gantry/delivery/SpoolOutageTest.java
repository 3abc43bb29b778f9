package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.outbox.SpoolTraffic;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.DurableBroker;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;

/** The broker stops, dies and freezes under traffic; the database alone stops. */
class SpoolOutageTest extends SpoolOutage {
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

    @ParameterizedTest
    @EnumSource
    void theSpoolTakesOverWhileTheBrokerIsAwayAndGivesAllBack(Fault fault) throws Exception {
        fault.begin(broker);
        awaitDown();
        awaitSafe(LONG);
        assertThat(fixture.rows()).isPositive();
        fault.end(broker);

        endsWell();
        assertThat(traffic.longestSend()).isLessThan(SpoolTraffic.mostHeld());
    }

    @Test
    void theDatabaseGoesAndNobodyNotices() throws Exception {
        database.stop();
        long before = traffic.publisher().spool().spooled(); // of a broker that was slow
        awaitSafe(3_000);

        traffic.stop();
        Await.until("open", () -> traffic.publisher().status().healthy());
        database.startAgain();
        endsWell();
        assertThat(traffic.publisher().spool().spooled()).isEqualTo(before);
    }
}
