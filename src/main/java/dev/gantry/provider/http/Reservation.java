package dev.gantry.provider.http;

import dev.gantry.memory.Hold;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.RejectedExecutionException;

/**
 * Takes an answer's bytes out of the worker's budget before they are read. Where there is no room
 * the socket is left alone meanwhile, and the call's time stands still: the wait is ours.
 */
final class Reservation {
    private final Hold hold;
    private final CallGuard guard;
    private final Countdown countdown;
    private final Connection connection;

    Reservation(Hold hold, CallGuard guard, Countdown countdown, Connection connection) {
        this.hold = hold;
        this.guard = guard;
        this.countdown = countdown;
        this.connection = connection;
    }

    void take(int bytes) throws IOException {
        if (!hold.tryTake(bytes)) {
            await(bytes);
        }
    }

    /** So many have been read. */
    void received(int bytes) {
        hold.received(bytes);
    }

    void giveBack(int bytes) {
        hold.giveBack(bytes);
    }

    private void await(int bytes) throws IOException {
        countdown.pause();
        guard.watch(this::giveUp);
        try {
            if (!hold.awaitTake(bytes)) {
                throw new InterruptedIOException("given up before it was read");
            }
            guard.watch(connection);
            countdown.start();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before it was read");
        } catch (RejectedExecutionException _) {
            guard.end(CallGuard.Reason.CANCELLED); // closed: the process is going down
        }
    }

    private void giveUp() throws IOException {
        hold.giveUp();
        connection.close();
    }
}
