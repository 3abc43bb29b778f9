package dev.gantry.cli.batch;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.batch.BrokerSight.Ready;
import dev.gantry.cli.batch.BrokerSight.Refused;
import dev.gantry.cli.batch.BrokerSight.Unusable;
import dev.gantry.cli.result.ProgressDisplay;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** What surrounds one run of a command: the broker, the person, the clock. */
final class Session implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(100);

    private final BrokerAccess broker;
    private final Terminal terminal;
    private final StopSignal stop;
    private final InstantSource clock;
    private final BrokerWatch watch;
    private final ProgressDisplay progressDisplay;

    private Session(BrokerAccess broker, Terminal terminal, StopSignal stop, InstantSource clock) {
        this.broker = broker;
        this.terminal = terminal;
        this.stop = stop;
        this.clock = clock;
        this.watch = BrokerWatch.start(broker);
        this.progressDisplay = new ProgressDisplay(terminal, clock);
    }

    static Session open(
            BrokerAccess broker, Terminal terminal, StopSignal stop, InstantSource clock) {
        return new Session(broker, terminal, stop, clock);
    }

    BrokerAccess broker() {
        return broker;
    }

    Terminal terminal() {
        return terminal;
    }

    InstantSource clock() {
        return clock;
    }

    boolean stopped() {
        return stop.requested();
    }

    /** Waits unless stopped. */
    void pause(Duration time) {
        stop.pause(time);
    }

    /**
     * Says how far it is.
     *
     * @param waits what requests wait for, null where that is not known
     */
    void show(ProgressDisplay.Standing standing, @Nullable String waits) {
        progressDisplay.show(standing, silent -> watch.view().reason(silent), waits);
    }

    /** As {@link #show}, where nothing but sending is under way. */
    void showSending(ProgressDisplay.Standing standing) {
        progressDisplay.show(
                standing,
                silent -> {
                    BrokerSight view = watch.view();
                    return view instanceof Ready
                            ? "the broker has taken nothing for %d s".formatted(silent)
                            : view.reason(silent);
                },
                null);
    }

    /** As {@link #show}, while it is not known how much there is to wait for. */
    void showReading(int requests) {
        progressDisplay.show(
                new ProgressDisplay.Standing(0, 0, 0, 0),
                silent -> {
                    BrokerSight view = watch.view();
                    return view instanceof Ready
                            ? String.format(
                                    Locale.ROOT,
                                    "reading the topics: %,d requests so far",
                                    requests)
                            : view.reason(silent);
                },
                null);
    }

    /** Waits until broker and topics are there, saying so; false if stopped before. */
    boolean awaitBroker() throws BrokerRefused {
        var nothingYet = new ProgressDisplay.Standing(0, 0, 0, 0);
        while (!stop.requested()) {
            BrokerSight view = watch.view();
            if (view instanceof Ready) {
                return true;
            }
            if (view instanceof Refused || view instanceof Unusable) {
                throw new BrokerRefused(view.reason(0));
            }
            show(nothingYet, null);
            stop.pause(LOOK);
        }
        return false;
    }

    /** Opens a feed, again and again while the broker goes away; empty if stopped before. */
    Optional<BatchFeed> openFeed(Function<Consumer<byte[], byte[]>, BatchFeed> opening)
            throws BrokerRefused {
        while (awaitBroker()) {
            Consumer<byte[], byte[]> consumer = openConsumer();
            try {
                return Optional.of(opening.apply(consumer));
            } catch (RetriableException e) {
                consumer.close();
                stop.pause(LOOK);
            } catch (KafkaException e) {
                consumer.close();
                throw new BrokerRefused("the broker refuses: " + BrokerWatch.message(e));
            }
        }
        return Optional.empty();
    }

    private Consumer<byte[], byte[]> openConsumer() throws BrokerRefused {
        try {
            return broker.openConsumer();
        } catch (KafkaException e) {
            throw new BrokerRefused("no client can be made: " + BrokerWatch.message(e));
        }
    }

    /** The broker was there: what keeps a producer from being made are its settings. */
    Producer<byte[], byte[]> openProducer() throws BrokerRefused {
        try {
            return broker.openProducer();
        } catch (KafkaException e) {
            throw new BrokerRefused("no client can be made: " + BrokerWatch.message(e));
        }
    }

    @Override
    public void close() {
        watch.close();
    }

    /** The broker says no; waiting does not help. */
    static final class BrokerRefused extends Exception {
        BrokerRefused(String message) {
            super(message);
        }
    }
}
