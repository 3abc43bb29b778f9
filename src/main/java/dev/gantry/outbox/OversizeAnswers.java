package dev.gantry.outbox;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.concurrent.Backoff;
import dev.gantry.event.OutboundRecord;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.memory.Exhaustion;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Keeps the answers that are too large for the broker, one after the other, on a thread of its own.
 *
 * <p>They are paid for, so each is tried until it is kept, however long the store is away: its
 * request stays open meanwhile, and its bytes count among the undelivered, which stops intake at
 * its bound.
 */
public final class OversizeAnswers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OversizeAnswers.class);
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));

    private final AnswerStore store;
    private final Backoff backoff;
    private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final BackgroundLoop loop =
            BackgroundLoop.waiting("gantry-keeper", () -> keep(tasks.take()));

    /** Whether the trouble has been logged; only the keeping thread uses it. */
    private boolean troubled;

    private record Task(String id, String requestId, OutboundRecord result, Then then) {}

    /** Goes on once the answer's fate is known; called on the keeping thread. */
    public interface Then {
        /**
         * Hears of the end.
         *
         * @param kept false: it can never be kept
         */
        void decided(boolean kept);
    }

    public OversizeAnswers(AnswerStore store) {
        this(store, BACKOFF);
    }

    OversizeAnswers(AnswerStore store, Backoff backoff) {
        this.store = store;
        this.backoff = backoff;
        loop.start();
    }

    /** Never blocks. */
    public void keep(String id, String requestId, OutboundRecord result, Then then) {
        tasks.add(new Task(id, requestId, result, then));
    }

    /** What is not kept by now is lost here; its request is delivered again. */
    @Override
    public void close() {
        loop.close();
    }

    private void keep(Task task) throws InterruptedException {
        for (int failures = 1; !tried(task); failures++) {
            Thread.sleep(backoff.after(failures));
        }
    }

    /** Whatever happens, the answer stays until its fate is known. */
    private boolean tried(Task task) {
        boolean kept;
        try {
            kept = store.keep(task.id(), task.requestId(), task.result());
        } catch (Throwable e) {
            Exhaustion.check(e);
            troubled(e);
            return false;
        }
        say(task, kept);
        try {
            task.then().decided(kept);
        } catch (Throwable e) {
            Exhaustion.check(e);
            log.atError()
                    .addKeyValue("record", task.result())
                    .setCause(e)
                    .log("no result in place of one that is too large; its request stays open");
        }
        return true;
    }

    private void troubled(Throwable cause) {
        if (!troubled) {
            troubled = true;
            log.atLevel(SqlTrouble.of(cause).level())
                    .addKeyValue("answers", tasks.size() + 1)
                    .addKeyValue("cause", SqlTrouble.sentence(cause))
                    .log("answers too large for the broker cannot be kept yet; they wait here");
        }
    }

    private void say(Task task, boolean kept) {
        if (troubled) {
            troubled = false;
            log.atInfo().log("answers too large for the broker are kept again");
        }
        if (!kept) {
            log.atError()
                    .addKeyValue("record", task.result())
                    .log("answer lost: too large for the broker, and refused where it is kept");
        }
    }
}
