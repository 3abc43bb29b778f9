package dev.gantry.memory;

import org.jspecify.annotations.Nullable;

/**
 * What one request's answers take of the budget. Used by the request's own thread, but for {@link
 * #giveUp}.
 */
public final class Hold implements AutoCloseable {
    private final ByteBudget budget;

    // Only the request's thread uses these two.
    private long takenSoFar;

    private long receivedSoFar;

    /** The same, for whoever waits; what is taken is weighed, and never more than is counted. */
    private volatile long taken;

    private volatile long received;

    /** Whether it need not wait, as long as it is fast. */
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
        boolean overdrawn = exempt && budget.overdraw(this, weighed);
        if (!overdrawn && !budget.tryTake(weighed)) {
            return false;
        }
        take(weighed);
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
        take(weighed);
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
        take(-weighed);
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
        if (takenSoFar != 0) {
            long all = takenSoFar;
            take(-all);
            budget.giveBack(all);
        }
    }

    @Override
    public void close() {
        release();
    }

    private void take(long weighed) {
        takenSoFar += weighed;
        taken = takenSoFar;
    }

    /** Under the budget's lock. */
    void exempt(boolean whether) {
        exempt = whether;
    }

    long taken() {
        return taken;
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
