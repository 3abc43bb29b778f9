package dev.gantry.cli.result;

import dev.gantry.cli.result.ExpectedIds.Standing;
import dev.gantry.inference.SourcePosition;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What has come of one batch so far: who answered, the files and the sums. */
public final class CollectedResults {
    private final BatchId batch;
    private final String requests;
    private final ExpectedIds expectedIds;
    private final Strangers strangers;
    private final ResultFiles files;
    private final BatchTotals totals;
    private final byte[] keyPrefix;
    // Results that are here before the broker has told where their requests stand.
    private List<ConsumerRecord<byte[], byte[]>> early = new ArrayList<>();
    private long others;

    /**
     * @param requests topic that the requests stand on
     */
    public CollectedResults(
            BatchId batch,
            String requests,
            ExpectedIds expectedIds,
            Strangers strangers,
            ResultFiles files,
            BatchTotals totals) {
        this.batch = batch;
        this.requests = requests;
        this.expectedIds = expectedIds;
        this.strangers = strangers;
        this.files = files;
        this.totals = totals;
        this.keyPrefix = batch.keyPrefix().getBytes(StandardCharsets.US_ASCII);
    }

    /** What to do with the results of requests that nobody has seen. */
    public enum Strangers {
        /** Their requests may have been removed since. */
        TAKE,
        /** All requests are known. */
        LEAVE
    }

    public ExpectedIds expectedIds() {
        return expectedIds;
    }

    public BatchTotals totals() {
        return totals;
    }

    /** Results under this batch's id that answer other requests than its own. */
    public long others() {
        return others;
    }

    /** Takes a record of the results topic; whether it is this batch's and new. */
    public boolean takeResult(ConsumerRecord<byte[], byte[]> record) throws IOException {
        byte[] value = record.value();
        if (value == null || !startsWith(record.key(), keyPrefix)) {
            return false;
        }
        ResultLine result = ResultReading.parse(value).orElse(null);
        if (result == null || !batch.value().equals(result.batchId())) {
            return false;
        }
        return switch (expectedIds.standing(result.customId())) {
            case Standing.Unknown _ when strangers == Strangers.TAKE -> add(result, value);
            case Standing.Unknown _ -> leave();
            case Standing.Underway _ -> {
                early.add(record);
                yield false;
            }
            case Standing.Open(ExpectedIds.Place place) when isOther(record, result, place) ->
                    leave();
            case Standing.Open _ -> add(result, value);
            // One line per custom id: a redelivery repeats a result, and the first one counts.
            case Standing.Answered _ -> false;
        };
    }

    /** Looks again at results that were here before it was known where their requests stand. */
    public void takeEarly() throws IOException {
        List<ConsumerRecord<byte[], byte[]>> waiting = early;
        early = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : waiting) {
            takeResult(record);
        }
    }

    private boolean isOther(
            ConsumerRecord<?, ?> record, ResultLine result, ExpectedIds.@Nullable Place place) {
        SourcePosition source =
                place == null
                        ? null
                        : new SourcePosition(
                                requests, place.partition(), place.offset(), place.timestamp());
        return ResultClaim.of(record, result.id(), source) == ResultClaim.FALSE;
    }

    private boolean add(ResultLine result, byte[] value) throws IOException {
        expectedIds.answer(result.customId());
        if (result.succeeded()) {
            files.writeOutput(value);
        } else {
            files.writeError(value);
        }
        totals.add(result);
        return true;
    }

    private boolean leave() {
        others++;
        return false;
    }

    public void takeUnsent(Unsent unsent) throws IOException {
        if (expectedIds.answer(unsent.customId())) {
            files.writeError(UnansweredLine.unsent(unsent));
            totals.addUnsent();
        }
    }

    /** A request of the batch that no worker can name, so that none will answer it. */
    public void takeUnnamed(ExpectedIds.Place place) throws IOException {
        files.writeError(UnansweredLine.unnamed(requests, place));
        totals.addUnnamed();
    }

    public void flush() throws IOException {
        files.flush();
    }

    /** Every request has its answer: the files are what they are to be. */
    void complete() throws IOException {
        files.complete();
    }

    public ProgressDisplay.Standing standing(long sent) {
        return new ProgressDisplay.Standing(size(), sent, totals.succeeded(), totals.failed());
    }

    /** Requests that are known of, those that nobody can name included. */
    public long size() {
        return expectedIds.size() + totals.unnamed();
    }

    private static boolean startsWith(byte @Nullable [] key, byte[] prefix) {
        return key != null
                && key.length >= prefix.length
                && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
