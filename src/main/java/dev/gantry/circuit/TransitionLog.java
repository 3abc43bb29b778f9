package dev.gantry.circuit;

import dev.gantry.inference.CircuitTransition;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Says each transition once: in the log, and to whoever listens. */
final class TransitionLog {
    private static final Logger LOG = LoggerFactory.getLogger(TransitionLog.class);

    private final List<Consumer<CircuitTransition>> listeners = new CopyOnWriteArrayList<>();

    void add(Consumer<CircuitTransition> listener) {
        listeners.add(listener);
    }

    void announce(List<CircuitTransition> moves) {
        for (CircuitTransition move : moves) {
            log(move);
            for (Consumer<CircuitTransition> listener : listeners) {
                tell(listener, move);
            }
        }
    }

    /** A listener's bug must not keep the circuits from moving. */
    private static void tell(Consumer<CircuitTransition> listener, CircuitTransition move) {
        try {
            listener.accept(move);
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("circuit", move.key()).setCause(e).log("transition not told");
        }
    }

    private static void log(CircuitTransition move) {
        Level level =
                switch (move.to()) {
                    case OPEN, DENIED -> Level.WARN;
                    case CLOSED, HALF_OPEN -> Level.INFO;
                };
        LoggingEventBuilder line =
                LOG.atLevel(level)
                        .addKeyValue("circuit", move.key())
                        .addKeyValue("from", move.from().label())
                        .addKeyValue("to", move.to().label())
                        .addKeyValue("reason", move.cause().reason())
                        .addKeyValue("actor", move.cause().actor());
        if (move.cause().kind() != null) {
            line = line.addKeyValue("kind", move.cause().kind().label());
        }
        if (move.until() != null) {
            line = line.addKeyValue("until", move.until());
        }
        line.log("circuit moved");
    }
}
