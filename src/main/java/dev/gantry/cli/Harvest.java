package dev.gantry.cli;

import dev.gantry.cli.Roll.Standing;
import dev.gantry.cli.Sender.Unsent;
import dev.gantry.inference.SourcePosition;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What has come of one batch so far: who answered, the files and the sums. */
final class Harvest {
    private final BatchId batch;
    private final String requests;
    private final Roll roll;
    private final Strangers strangers;
    private final ResultFiles files;
    private final Tally tally;
    private final byte[] keyPrefix;
    // Results that are here before the broker has told where their requests stand.
    private List<ConsumerRecord<byte[], byte[]>> early = new ArrayList<>();
    private long others;

    /**
     * @param requests topic that the requests stand on
     */
    Harvest(
            BatchId batch,
            String requests,
            Roll roll,
            Strangers strangers,
            ResultFiles files,
            Tally tally) {
        this.batch = batch;
        this.requests = requests;
        this.roll = roll;
        this.strangers = strangers;
        this.files = files;
        this.tally = tally;
        this.keyPrefix = batch.keyPrefix().getBytes(StandardCharsets.US_ASCII);
    }

    /** What to do with the results of requests that nobody has seen. */
    enum Strangers {
        /** Their requests may have been removed since. */
        TAKE,
        /** All requests are known. */
        LEAVE
    }

    Roll roll() {
        return roll;
    }

    Tally tally() {
        return tally;
    }

    /** Results under this batch's id that answer other requests than its own. */
    long others() {
        return others;
    }

    /** Takes a record of the results topic; whether it is this batch's and new. */
    boolean takeResult(ConsumerRecord<byte[], byte[]> record) throws IOException {
        byte[] value = record.value();
        if (value == null || !startsWith(record.key(), keyPrefix)) {
            return false;
        }
        ResultLine result = ResultReading.parse(value).orElse(null);
        if (result == null || !batch.value().equals(result.batchId())) {
            return false;
        }
        return switch (roll.standing(result.customId())) {
            case Standing.Unknown _ when strangers == Strangers.TAKE -> add(result, value);
            case Standing.Unknown _ -> leave();
            case Standing.Underway _ -> {
                early.add(record);
                yield false;
            }
            case Standing.Open(Roll.Place place) when isOther(record, result, place) -> leave();
            case Standing.Open _ -> add(result, value);
            // One line per custom id: a redelivery repeats a result, and the first one counts.
            case Standing.Answered _ -> false;
        };
    }

    /** Looks again at results that were here before it was known where their requests stand. */
    void takeEarly() throws IOException {
        List<ConsumerRecord<byte[], byte[]>> waiting = early;
        early = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : waiting) {
            takeResult(record);
        }
    }

    private boolean isOther(
            ConsumerRecord<?, ?> record, ResultLine result, Roll.@Nullable Place place) {
        SourcePosition source =
                place == null
                        ? null
                        : new SourcePosition(
                                requests, place.partition(), place.offset(), place.timestamp());
        return Claim.of(record, result.id(), source) == Claim.FALSE;
    }

    private boolean add(ResultLine result, byte[] value) throws IOException {
        roll.answer(result.customId());
        if (result.succeeded()) {
            files.writeOutput(value);
        } else {
            files.writeError(value);
        }
        tally.add(result);
        return true;
    }

    private boolean leave() {
        others++;
        return false;
    }

    void takeUnsent(Unsent unsent) throws IOException {
        if (roll.answer(unsent.customId())) {
            files.writeError(UnansweredLine.unsent(unsent));
            tally.addUnsent();
        }
    }

    /** A request of the batch that no worker can name, so that none will answer it. */
    void takeUnnamed(Roll.Place place) throws IOException {
        files.writeError(UnansweredLine.unnamed(requests, place));
        tally.addUnnamed();
    }

    void flush() throws IOException {
        files.flush();
    }

    /** Every request has its answer: the files are what they are to be. */
    void complete() throws IOException {
        files.complete();
    }

    Progress.Standing standing(long sent) {
        return new Progress.Standing(size(), sent, tally.succeeded(), tally.failed());
    }

    /** Requests that are known of, those that nobody can name included. */
    long size() {
        return roll.size() + tally.unnamed();
    }

    private static boolean startsWith(byte @Nullable [] key, byte[] prefix) {
        return key != null
                && key.length >= prefix.length
                && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
