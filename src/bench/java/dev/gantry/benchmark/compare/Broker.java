package dev.gantry.benchmark.compare;

import dev.gantry.testbed.BrokerProcess;
import dev.gantry.testbed.DurableBroker;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A scenario's broker, in a process of its own. */
sealed interface Broker extends AutoCloseable {
    String bootstrapServers();

    /** Killed, and started again after this time. */
    void goAway(Duration time) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;

    static Broker startFor(Scenario scenario) throws IOException, InterruptedException {
        return scenario.trouble() instanceof Scenario.Trouble.None
                ? new Fast(BrokerProcess.start())
                : new Durable(DurableBroker.start());
    }

    /** One that is never touched. */
    record Fast(BrokerProcess process) implements Broker {
        @Override
        public String bootstrapServers() {
            return process.bootstrapServers();
        }

        @Override
        public void goAway(Duration time) {
            throw new IllegalStateException("it cannot come back");
        }

        @Override
        public void close() {
            process.close();
        }
    }

    /** One that keeps its records. */
    record Durable(DurableBroker broker) implements Broker {
        @Override
        public String bootstrapServers() {
            return broker.bootstrapServers();
        }

        @Override
        public void goAway(Duration time) throws IOException, InterruptedException {
            broker.kill();
            var _ = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
            broker.startAgain();
        }

        @Override
        public void close() throws IOException {
            broker.close();
        }
    }
}
