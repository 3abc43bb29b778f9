package dev.gantry.provider.http;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;

/** Ends a call from outside by closing whatever it waits on; the first reason counts. */
final class CallGuard {
    /** Both guarded by this. */
    private @Nullable Reason reason;

    private @Nullable Closeable target;

    /** Why a call was ended from outside. */
    enum Reason {
        TIMEOUT,
        CANCELLED
    }

    void end(Reason why) {
        Closeable waiting;
        synchronized (this) {
            if (reason != null) {
                return;
            }
            reason = why;
            waiting = target;
            target = null;
        }
        if (waiting != null) {
            closeQuietly(waiting);
        }
    }

    /** What the call waits on from now on; closed at once if the call has been ended. */
    void watch(Closeable next) {
        synchronized (this) {
            if (reason == null) {
                target = next;
                return;
            }
        }
        closeQuietly(next);
    }

    /** From now on ending closes nothing; false if the call has been ended, its target closed. */
    synchronized boolean release() {
        target = null;
        return reason == null;
    }

    synchronized @Nullable Reason reason() {
        return reason;
    }

    boolean ended() {
        return reason() != null;
    }

    static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // Nothing is lost: the socket is given up either way.
        }
    }
}
