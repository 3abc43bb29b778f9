package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.chaos.FaultSchedule.Strike;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Every request has one result and the meter equals the bill, whatever breaks: each fault by
 * itself, and a worker killed in its midst.
 */
class FaultsTest {
    private static final Duration OUTAGE = FaultServices.outage();
    private static final Duration MIDST = OUTAGE.dividedBy(2);
    private static final int DEAD = 100_000;
    private static final Pattern OWN = Pattern.compile("^[0-9:.]+ \\S+ +\\[dev\\.gantry\\.");

    private static FaultServices services;

    @BeforeAll
    static void start() throws Exception {
        services = FaultServices.start("faults");
    }

    /** The workers have the shipped log levels. */
    @AfterAll
    static void stop() throws IOException {
        services.close();
        assertThat(services.complaints())
                .as("nothing by Kafka's clients, the pool or others in all these outages")
                .allMatch(line -> OWN.matcher(line).find())
                .anyMatch(line -> line.contains("waiting for the broker "))
                .anyMatch(line -> line.contains("waiting for the database "));
    }

    @Test
    void lesson16NothingIsDroppedWhileTheBrokerIsStopped() throws Exception {
        play("broker stopped", at(Duration.ZERO, PlannedFault.BROKER_STOPPED), killed(MIDST));
    }

    @Test
    void theBrokerIsKilledAndAWorkerWithIt() throws Exception {
        play("broker killed", at(Duration.ZERO, PlannedFault.BROKER_KILLED), killed(MIDST));
    }

    @Test
    void theBrokerIsFrozenAndAWorkerKilled() throws Exception {
        play("broker frozen", at(Duration.ZERO, PlannedFault.BROKER_FROZEN), killed(MIDST));
    }

    @Test
    void theDatabaseIsStoppedAndAWorkerKilled() throws Exception {
        play("database stopped", at(Duration.ZERO, PlannedFault.DATABASE_STOPPED), killed(MIDST));
    }

    @Test
    void theDatabaseIsFrozenAndAWorkerKilled() throws Exception {
        play("database frozen", at(Duration.ZERO, PlannedFault.DATABASE_FROZEN), killed(MIDST));
    }

    @Test
    void brokerAndDatabaseAreStoppedAndAWorkerKilled() throws Exception {
        play(
                "both stopped",
                at(Duration.ZERO, PlannedFault.BROKER_STOPPED),
                at(Duration.ZERO, PlannedFault.DATABASE_STOPPED),
                killed(MIDST));
    }

    @Test
    void brokerAndDatabaseAreFrozenAndAWorkerKilled() throws Exception {
        play(
                "both frozen",
                at(Duration.ZERO, PlannedFault.BROKER_FROZEN),
                at(Duration.ofSeconds(1), PlannedFault.DATABASE_FROZEN),
                killed(MIDST));
    }

    @Test
    void lesson53EveryWorkerIsKilledWhileTheSpoolDrains() throws Exception {
        play(
                "drain killed",
                at(Duration.ZERO, PlannedFault.BROKER_STOPPED),
                new Strike(OUTAGE, PlannedFault.DRAIN_KILLED, Duration.ZERO));
        assertThat(services.caughtDraining()).isTrue();
    }

    /**
     * A dump runs: what is deleted from the spool stays, and every scan from the front passes it.
     */
    @Test
    void aSnapshotIsHeldWhileTheSpoolFillsAndDrains() throws Exception {
        try (Connection _ = services.holdSnapshot(DEAD)) {
            play("snapshot held", at(Duration.ZERO, PlannedFault.BROKER_STOPPED), killed(MIDST));
        }
    }

    @Test
    void aWorkersClockIsAnHourOff() throws Exception {
        play(
                "clocks off",
                new Strike(Duration.ZERO, PlannedFault.CLOCK_AHEAD, Duration.ZERO),
                new Strike(Duration.ofSeconds(2), PlannedFault.CLOCK_BEHIND, Duration.ZERO),
                at(Duration.ofSeconds(4), PlannedFault.BROKER_STOPPED));
    }

    @Test
    void lesson54ARedeliveryIsANewExecutionAndTheOldAttemptStaysDispatched() throws Exception {
        Run run =
                play(
                        "every worker killed",
                        new Strike(Duration.ZERO, PlannedFault.EVERY_WORKER_KILLED, Duration.ZERO));

        LedgerComparison ledgerComparison = LedgerComparison.of(run);
        assertThat(ledgerComparison.inDoubt())
                .isNotEmpty()
                .allSatisfy(
                        each -> {
                            assertThat(run.wasKilled(each.at("/worker"))).isTrue();
                            assertThat(ledgerComparison.executions(each.at("/custom_id")))
                                    .hasSizeGreaterThan(1);
                        });
    }

    private static Strike at(Duration at, PlannedFault plannedFault) {
        return new Strike(at, plannedFault, OUTAGE);
    }

    private static Strike killed(Duration at) {
        return new Strike(at, PlannedFault.WORKER_KILLED, Duration.ZERO);
    }

    private static Run play(String name, Strike... strikes) throws Exception {
        return services.keepsItsPromises(FaultSchedule.of(name, strikes));
    }
}
