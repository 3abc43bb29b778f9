package dev.gantry.cli;

import dev.gantry.cli.RequestLine.Legible;
import dev.gantry.cli.Sender.Unsent;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What has come of one batch so far: who is expected, who answered, the files and the sums. */
final class Harvest {
    private final BatchId batch;
    private final Roll roll;
    private final ResultFiles files;
    private final Tally tally = new Tally();
    private final byte[] id;
    private final byte[] keyPrefix;

    Harvest(BatchId batch, Roll roll, ResultFiles files) {
        this.batch = batch;
        this.roll = roll;
        this.files = files;
        this.id = batch.value().getBytes(StandardCharsets.US_ASCII);
        this.keyPrefix = batch.keyPrefix().getBytes(StandardCharsets.US_ASCII);
    }

    Roll roll() {
        return roll;
    }

    Tally tally() {
        return tally;
    }

    /** Takes a record of the requests topic; whether it is of this batch. */
    boolean takeRequest(ConsumerRecord<byte[], byte[]> request) {
        byte[] value = request.value();
        String header = batchHeader(request);
        if (value == null || (!batch.value().equals(header) && !holds(value, id))) {
            return false;
        }
        if (RequestLine.parse(value) instanceof Legible(String customId, String member)
                && batch.value().equals(member == null ? header : member)) {
            roll.expect(customId);
            return true;
        }
        return false;
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
        // One line per custom id: a redelivery repeats a result, and the first one counts.
        if (!roll.answer(result.customId())) {
            return false;
        }
        if (result.succeeded()) {
            files.writeOutput(value);
        } else {
            files.writeError(value);
        }
        tally.add(result);
        return true;
    }

    void takeUnsent(Unsent unsent) throws IOException {
        if (roll.answer(unsent.customId())) {
            files.writeError(UnsentLine.bytes(unsent));
            tally.addUnsent();
        }
    }

    void flush() throws IOException {
        files.flush();
    }

    Progress.Standing standing(long sent) {
        return new Progress.Standing(roll.size(), sent, tally.succeeded(), tally.failed());
    }

    Summary summary(BatchOptions options, @Nullable String resume) {
        return new Summary(
                batch,
                roll.size(),
                tally.succeeded(),
                tally.failed(),
                tally.work(),
                tally.cost(),
                tally.times(),
                options.paths(),
                resume);
    }

    private static @Nullable String batchHeader(ConsumerRecord<?, ?> request) {
        Header header = request.headers().lastHeader(Sender.BATCH_HEADER);
        return header == null || header.value() == null
                ? null
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static boolean startsWith(byte @Nullable [] key, byte[] prefix) {
        return key != null
                && key.length >= prefix.length
                && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static boolean holds(byte[] text, byte[] part) {
        for (int i = 0; i <= text.length - part.length; i++) {
            if (text[i] == part[0]
                    && Arrays.equals(text, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }
}
