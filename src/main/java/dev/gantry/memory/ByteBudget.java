package dev.gantry.memory;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The bytes that a worker may hold: requests, answers from their first byte on, and what has not
 * been delivered. Answers are taken through a {@link Hold} before they are read; once the budget is
 * spent they stay in their sockets, and no further calls go.
 *
 * <p>Readers that hold a part and want the rest could wait for each other for ever. So the first in
 * line may overdraw the budget and read its answer on, one at a time; a second one while the first
 * is slow; and while both are, the next takes the place of one of them. What is overdrawn is
 * bounded by two of the largest answers and an eighth of the budget, which slow ones may keep.
 */
public final class ByteBudget {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** So much of the budget, on top of it, may answers keep that came too slowly. */
    private static final int SPARE = 8;

    private final long limit;
    private final int weight;
    private final Duration patience;
    private final AtomicLong answers = new AtomicLong();

    /** As many as stand in line; written under the lock. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final ReentrantLock lock = new ReentrantLock();

    /** Both guarded by the lock. */
    private final Deque<Reader> line = new ArrayDeque<>();

    private final Overdrafts overdrafts;

    /** The three are set once, before the first call. */
    private volatile LongSupplier requests = () -> 0;

    private volatile LongSupplier undelivered = () -> 0;
    private volatile Runnable onRoom = () -> {};

    /** A call was not let go, so that somebody has to hear of room. */
    private volatile boolean turnedAway;

    /** Waits for its bytes; granted is guarded by the lock. */
    private static final class Reader {
        final Hold hold;
        final long bytes;
        final CountDownLatch over = new CountDownLatch(1);
        boolean granted;

        Reader(Hold hold, long bytes) {
            this.hold = hold;
            this.bytes = bytes;
        }
    }

    /**
     * @param limit bytes, 1 or more
     * @param weight how often an answer's bytes are in memory at most between its reading and its
     *     delivery: as it came, as a result, and in other records
     */
    public ByteBudget(long limit, int weight) {
        this(limit, weight, PATIENCE);
    }

    ByteBudget(long limit, int weight, Duration patience) {
        if (limit < 1 || weight < 1) {
            throw new IllegalArgumentException("limit " + limit + ", weight " + weight);
        }
        this.limit = limit;
        this.weight = weight;
        this.patience = patience;
        this.overdrafts = new Overdrafts(patience);
    }

    /** An empty budget that is never spent: for calls outside a worker. */
    public static ByteBudget boundless() {
        return new ByteBudget(Long.MAX_VALUE / 4, 1);
    }

    /**
     * Once: what else is held.
     *
     * @param requestBytes of requests taken and not done
     * @param undeliveredBytes of records that nobody has taken yet
     */
    public void counts(LongSupplier requestBytes, LongSupplier undeliveredBytes) {
        requests = requestBytes;
        undelivered = undeliveredBytes;
    }

    /** Once: runs, on any thread, when calls may go again after one was not let go. */
    public void onRoom(Runnable then) {
        onRoom = then;
    }

    /** For one request's answers. */
    public Hold hold() {
        return new Hold(this);
    }

    /** Whether a further call may go; if not, whoever listens hears of room. */
    public boolean admits() {
        if (open()) {
            return true;
        }
        turnedAway = true;
        return open();
    }

    /** Something is held no more. */
    public void freed() {
        if (waiting.get() > 0) {
            serve();
        }
        if (turnedAway && open()) {
            turnedAway = false;
            onRoom.run();
        }
    }

    /** Whether answers wait to be read, or no call may go. */
    public boolean spent() {
        return !open();
    }

    /** Bytes. */
    public long limit() {
        return limit;
    }

    /** Bytes of answers between their reading and their delivery, weighed. */
    public long answers() {
        return answers.get();
    }

    /** Bytes of requests held. */
    public long requests() {
        return requests.getAsLong();
    }

    /** Bytes of records that nobody has taken yet. */
    public long undelivered() {
        return undelivered.getAsLong();
    }

    /** Calls whose answer is not read for want of room. */
    public int waiting() {
        return waiting.get();
    }

    int weight() {
        return weight;
    }

    private boolean open() {
        return waiting.get() == 0 && used() < room();
    }

    private long used() {
        return answers.get() + undelivered.getAsLong();
    }

    /** However much the requests take, a quarter is the answers': only they make requests go. */
    private long room() {
        return Math.max(limit - requests.getAsLong(), limit / 4);
    }

    private boolean fits(long bytes) {
        return used() + bytes <= room();
    }

    /** Takes what there is room for, unless others wait for it. Never blocks. */
    boolean tryTake(long bytes) {
        while (waiting.get() == 0) {
            long before = answers.get();
            if (before + undelivered.getAsLong() + bytes > room()) {
                return false;
            }
            if (answers.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
        return false;
    }

    /** Takes whether there is room or not, unless the hold has lost its place meanwhile. */
    boolean overdraw(Hold hold, long bytes) {
        lock.lock();
        try {
            boolean may = overdrafts.contain(hold);
            if (may) {
                answers.addAndGet(bytes);
            }
            return may;
        } finally {
            lock.unlock();
        }
    }

    void giveBack(long bytes) {
        answers.addAndGet(-bytes);
        freed();
    }

    /** The hold is empty: if it was let overdraw, the next may. */
    void ended(Hold hold) {
        lock.lock();
        try {
            overdrafts.remove(hold);
        } finally {
            lock.unlock();
        }
        freed();
    }

    /** Waits for its turn and takes; false if the hold was given up before. */
    boolean awaitTurn(Hold hold, long bytes) throws InterruptedException {
        Reader reader = queued(hold, bytes);
        try {
            while (!hold.givenUp() && !reader.over.await(patience.toNanos(), NANOSECONDS)) {
                serve(); // those that overdraw may have become slow
            }
        } catch (InterruptedException e) {
            if (!leave(reader)) {
                throw e;
            }
            Thread.currentThread().interrupt(); // it has its bytes, and finds out when it reads
        }
        return leave(reader);
    }

    private Reader queued(Hold hold, long bytes) {
        Reader reader = new Reader(hold, bytes);
        hold.whenGivenUp(reader.over::countDown);
        lock.lock();
        try {
            line.addLast(reader);
            waiting.incrementAndGet();
        } finally {
            lock.unlock();
        }
        serve();
        return reader;
    }

    /** Whether it has its bytes. */
    private boolean leave(Reader reader) {
        reader.hold.whenGivenUp(null);
        lock.lock();
        try {
            if (!line.remove(reader)) {
                return reader.granted;
            }
            waiting.decrementAndGet();
        } finally {
            lock.unlock();
        }
        freed();
        return false;
    }

    /**
     * In order, and past a large one for which there is no room: that may be the next to overdraw.
     */
    private void serve() {
        lock.lock();
        try {
            for (Iterator<Reader> each = line.iterator(); each.hasNext(); ) {
                Reader reader = each.next();
                if (fits(reader.bytes) || mayOverdraw(reader)) {
                    each.remove();
                    answers.addAndGet(reader.bytes);
                    waiting.decrementAndGet();
                    reader.granted = true;
                    reader.over.countDown();
                } else if (used() >= room()) {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Not while as much as the whole budget is undelivered: then more answers would only come to
     * lie on top.
     */
    private boolean mayOverdraw(Reader reader) {
        return reader == line.peekFirst()
                && undelivered.getAsLong() < limit
                && overdrafts.enter(reader.hold, used(), room() + limit / SPARE);
    }
}
