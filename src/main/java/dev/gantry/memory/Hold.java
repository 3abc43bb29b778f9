package dev.gantry.memory;

import org.jspecify.annotations.Nullable;

/**
 * What one request's answers take of the budget. Used by the request's own thread, but for {@link
 * #giveUp}.
 */
public final class Hold implements AutoCloseable {
    private final ByteBudget budget;

    // Only the request's thread uses these two.
    /** Weighed. */
    private long taken;

    private long receivedSoFar;

    /** The same, for whoever waits. */
    private volatile long received;

    /** Whether it need not wait: written under the budget's lock. */
    private volatile boolean exempt;

    /** Both guarded by this. */
    private boolean givenUp;

    private @Nullable Runnable waiter;

    Hold(ByteBudget budget) {
        this.budget = budget;
    }

    /** Takes so many bytes if there is room for them now. */
    public boolean tryTake(long bytes) {
        long weighed = bytes * budget.weight();
        if (exempt) {
            budget.overdraw(weighed);
        } else if (!budget.tryTake(weighed)) {
            return false;
        }
        taken += weighed;
        return true;
    }

    /**
     * Takes so many bytes once there is room for them.
     *
     * @return false: given up meanwhile, nothing was taken
     */
    public boolean awaitTake(long bytes) throws InterruptedException {
        long weighed = bytes * budget.weight();
        if (!budget.awaitTurn(this, weighed)) {
            return false;
        }
        taken += weighed;
        return true;
    }

    /** So many bytes have come from the socket. */
    public void received(int bytes) {
        receivedSoFar += bytes;
        received = receivedSoFar;
    }

    /** So many of the bytes taken were not needed. */
    public void giveBack(long bytes) {
        long weighed = bytes * budget.weight();
        taken -= weighed;
        budget.giveBack(weighed);
    }

    /** Ends the wait, on any thread, until the hold is released. */
    public void giveUp() {
        Runnable call;
        synchronized (this) {
            givenUp = true;
            call = waiter;
        }
        if (call != null) {
            call.run();
        }
    }

    /** Holds nothing any more; may be used again. */
    public void release() {
        synchronized (this) {
            givenUp = false;
        }
        if (exempt) {
            exempt = false;
            budget.ended(this);
        }
        if (taken != 0) {
            long all = taken;
            taken = 0;
            budget.giveBack(all);
        }
    }

    @Override
    public void close() {
        release();
    }

    void exempt() {
        exempt = true;
    }

    long received() {
        return received;
    }

    synchronized boolean givenUp() {
        return givenUp;
    }

    synchronized void whenGivenUp(@Nullable Runnable then) {
        waiter = then;
    }
}
