package dev.gantry.outbox;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Sends the spool's records and waits for what becomes of them. */
final class SpoolSender {
    private final RenewableProducer producer;
    private final RetryQueue retries;

    SpoolSender(RenewableProducer producer, RetryQueue retries) {
        this.producer = producer;
        this.retries = retries;
    }

    /**
     * What became of some rows; those neither landed nor refused stay.
     *
     * @param rows how many there were
     * @param landed the ids of those that the broker has
     * @param refused the ids of those that it will never take, and why
     * @param failure why others did not land; null: all did, or none was sent
     */
    record Landing(
            int rows,
            List<Long> landed,
            Map<Long, String> refused,
            @Nullable String failure,
            long lastId) {
        /** Rows that are no longer to be published. */
        int settled() {
            return landed.size() + refused.size();
        }
    }

    /** What became of one record; no cause: the broker has it. */
    private record Told(@Nullable Exception cause) {
        @Nullable SendFailure failure() {
            return cause == null ? null : SendFailure.of(cause);
        }
    }

    /**
     * Returns once all are told, or the time is over: what is then untold stays in the spool, as
     * what has failed does.
     */
    Landing send(List<SpoolEntry.Stored> rows, Duration within) {
        AtomicReferenceArray<@Nullable Told> told = new AtomicReferenceArray<>(rows.size());
        CountDownLatch open = new CountDownLatch(rows.size());
        int sent = 0;
        boolean over = false;
        try {
            producer.mend();
            while (sent < rows.size() && !silent(told, sent)) {
                send(rows.get(sent), sent, told, open);
                sent++;
            }
            for (int unsent = sent; unsent < rows.size(); unsent++) {
                open.countDown();
            }
            over = !open.await(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (KafkaException | InterruptedException e) {
            // No new producer, or told to stop: what has landed by now is known.
            if (e instanceof InterruptedException || e instanceof InterruptException) {
                Thread.currentThread().interrupt();
            }
        }
        return landing(
                rows,
                told,
                over ? "no word of it within %d ms".formatted(within.toMillis()) : null);
    }

    /** Whether the last send already failed: each further one would block as long as it did. */
    private static boolean silent(AtomicReferenceArray<@Nullable Told> told, int sent) {
        Told last = sent == 0 ? null : told.get(sent - 1);
        return last != null && last.failure() == SendFailure.SILENCE;
    }

    private void send(
            SpoolEntry.Stored row,
            int index,
            AtomicReferenceArray<@Nullable Told> told,
            CountDownLatch open) {
        long sentNanos = System.nanoTime();
        try {
            producer.send(
                    row.record().forProducer(),
                    cause -> {
                        if (cause == null) {
                            retries.took(row.record().topic());
                        } else {
                            retries.heard(cause, sentNanos);
                        }
                        told.set(index, new Told(cause));
                        open.countDown();
                    });
        } catch (IllegalArgumentException e) {
            // The client will never take such a record; the others go on.
            told.set(index, new Told(e));
            open.countDown();
        }
    }

    private static Landing landing(
            List<SpoolEntry.Stored> rows,
            AtomicReferenceArray<@Nullable Told> told,
            @Nullable String silence) {
        List<Long> landed = new ArrayList<>(rows.size());
        Map<Long, String> refused = new LinkedHashMap<>();
        String failure = silence;
        for (int each = 0; each < rows.size(); each++) {
            long id = rows.get(each).id();
            Told what = told.get(each);
            if (what == null) {
                continue;
            }
            Exception cause = what.cause();
            if (cause == null) {
                landed.add(id);
            } else if (cause instanceof IllegalArgumentException
                    || SendFailure.of(cause).forGood()) {
                refused.put(id, cause.toString());
            } else {
                failure = cause.toString();
            }
        }
        long last = rows.isEmpty() ? 0 : rows.getLast().id();
        return new Landing(rows.size(), landed, refused, failure, last);
    }
}
