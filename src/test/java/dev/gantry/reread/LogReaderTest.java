package dev.gantry.reread;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Logs whose bytes are not what was written, or more than they look. */
class LogReaderTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);
    private static final int LARGEST = 100_000;

    /** Three batches of four records. */
    private static final int BATCHES = 3;

    private static final int RECORDS = 4;

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void findsWhatWasWritten(CompressionType codec) {
        List<LogPiece> pieces = read(log(codec), 0);

        assertThat(found(pieces)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
        assertThat(pieces).hasSize(12);
        LogPiece.Found last = (LogPiece.Found) pieces.getLast();
        assertThat(new String(last.record().value(), StandardCharsets.UTF_8)).isEqualTo(value(11));
        assertThat(new String(last.record().key(), StandardCharsets.UTF_8)).isEqualTo("key 11");
        assertThat(last.record().timestamp()).isEqualTo(1_011);
        assertThat(last.record().headers().lastHeader("h").value()).containsExactly(7);
    }

    @Test
    void beginsAmidABatch() {
        byte[] log = log(CompressionType.ZSTD);
        byte[] fromSecond = java.util.Arrays.copyOfRange(log, starts(log).get(1), log.length);

        assertThat(found(read(fromSecond, 5))).startsWith(5L, 6L, 7L, 8L);
    }

    /**
     * Whatever byte it is: the records of all other batches are found, and none of a wrong place.
     */
    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void aByteThatIsNotWhatWasWrittenSpoilsItsBatchAndNoOther(CompressionType codec) {
        byte[] whole = log(codec);
        List<Integer> starts = starts(whole);
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x40;
            int spoiled = batchAt(starts, at);

            List<LogPiece> pieces = read(flipped, 0);

            assertThat(found(pieces)).as("flipped at %d", at).containsAll(others(spoiled));
            assertThat(found(pieces)).as("flipped at %d", at).isSorted().doesNotHaveDuplicates();
            assertThat(pieces.getLast().next()).as("flipped at %d", at).isLessThanOrEqualTo(12);
        }
    }

    @Test
    void severalDamagedBatchesInARowArePassedOverTogether() {
        byte[] log = log(CompressionType.NONE);
        List<Integer> starts = starts(log);
        log[starts.get(0) + 80] ^= 1;
        log[starts.get(1) + 80] ^= 1;

        List<LogPiece> pieces = read(log, 0);

        assertThat(pieces.getFirst()).isInstanceOf(LogPiece.Damaged.class);
        assertThat(pieces.getFirst().next()).isEqualTo(8);
        assertThat(found(pieces)).containsExactly(8L, 9L, 10L, 11L);
    }

    @Test
    void whatPassesItsChecksumAndDoesNotInflateIsDamagedFromThereOn() {
        byte[] log = log(CompressionType.GZIP);
        int second = starts(log).get(1);
        int third = starts(log).get(2);
        for (int at = third - 30; at < third - 10; at++) {
            log[at] ^= 0x55;
        }
        sign(log, second, third);

        List<LogPiece> pieces = read(log, 0);

        assertThat(found(pieces)).contains(0L, 1L, 2L, 3L, 8L, 9L, 10L, 11L);
        assertThat(pieces).anyMatch(LogPiece.Damaged.class::isInstance);
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void aRecordThatInflatesToTooMuchIsNotHeldAndItsNeighboursAreFound(CompressionType codec) {
        byte[] huge = new byte[40 << 20];
        byte[] head = "{\"custom_id\":\"bomb\"".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(head, 0, huge, 0, head.length);
        ByteBufferOutputStream out = new ByteBufferOutputStream(1 << 20);
        MemoryRecordsBuilder batch = batch(out, codec, 0);
        batch.append(1, null, new byte[] {1});
        batch.append(2, null, huge);
        batch.append(3, null, new byte[] {3});
        MemoryRecords log = batch.build();

        List<LogPiece> pieces = read(bytes(log.buffer()), 0);

        assertThat(found(pieces)).containsExactly(0L, 2L);
        LogPiece.TooLarge large = (LogPiece.TooLarge) pieces.get(1);
        assertThat(large.offset()).isOne();
        assertThat(large.timestamp()).isEqualTo(2);
        assertThat(large.bytes()).isGreaterThan(huge.length);
        assertThat(new String(large.beginning(), StandardCharsets.UTF_8))
                .startsWith("{\"custom_id");
    }

    @Test
    void whatARecordTakesIsAllOfIt() {
        ByteBufferOutputStream out = new ByteBufferOutputStream(1 << 10);
        MemoryRecordsBuilder batch = batch(out, CompressionType.GZIP, 0);
        batch.append(1, null, new byte[0], headers(1, 90_000));
        batch.append(1, new byte[80_000], null);
        batch.append(1, null, new byte[0], headers(5_000, 0));

        List<LogPiece> pieces = read(bytes(batch.build().buffer()), 0);

        assertThat(pieces)
                .map(each -> ((LogPiece.Found) each).size())
                .satisfiesExactly(
                        headers -> assertThat(headers).isBetween(90_000L, 91_000L),
                        key -> assertThat(key).isBetween(80_000L, 81_000L),
                        // Small ones are larger in memory than in the log.
                        many -> assertThat(many).isBetween(500_000L, 1_000_000L));
    }

    private static Header[] headers(int count, int bytes) {
        return Stream.generate(() -> new RecordHeader("h", new byte[bytes]))
                .limit(count)
                .toArray(Header[]::new);
    }

    @Test
    void aBatchThatIsNotAllThereIsNoDamage() {
        byte[] log = log(CompressionType.NONE);
        byte[] cut = java.util.Arrays.copyOf(log, log.length - 10);

        List<LogPiece> pieces = read(cut, 0);

        assertThat(pieces).hasSize(8).allMatch(LogPiece.Found.class::isInstance);
    }

    /** The broker notes the end first and reads then: a producer may have come in between. */
    @ParameterizedTest
    @ValueSource(longs = {0, 2, 4, 11, -1})
    void whatWasWrittenWhileTheBrokerReadIsNoDamage(long end) {
        List<LogPiece> pieces = read(log(CompressionType.NONE), 0, end);

        assertThat(pieces).hasSize(12).allMatch(LogPiece.Found.class::isInstance);
    }

    @Test
    void whatTheBrokerCannotReadIsPassedOverOneByOne() {
        RawFetch refused =
                new RawFetch(
                        PARTITION, 7, -1, Errors.CORRUPT_MESSAGE, MemoryRecords.EMPTY, List.of());
        LogReader reader = new LogReader(refused, LARGEST);

        assertThat(reader.next())
                .isEqualTo(new LogPiece.Damaged(7, 8, "the broker cannot read it"));
        assertThat(reader.next()).isNull();
    }

    private static List<LogPiece> read(byte[] log, long from) {
        return read(log, from, BATCHES * RECORDS);
    }

    private static List<LogPiece> read(byte[] log, long from, long end) {
        MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(log));
        LogReader reader =
                new LogReader(
                        new RawFetch(PARTITION, from, end, Errors.NONE, records, List.of()),
                        LARGEST);
        List<LogPiece> pieces = new ArrayList<>();
        for (LogPiece each = reader.next(); each != null; each = reader.next()) {
            pieces.add(each);
        }
        return pieces;
    }

    private static List<Long> found(List<LogPiece> pieces) {
        return pieces.stream()
                .filter(LogPiece.Found.class::isInstance)
                .map(each -> ((LogPiece.Found) each).record().offset())
                .toList();
    }

    private static List<Long> others(int spoiled) {
        List<Long> others = new ArrayList<>();
        for (long offset = 0; offset < BATCHES * RECORDS; offset++) {
            if (offset / RECORDS != spoiled) {
                others.add(offset);
            }
        }
        return others;
    }

    private static byte[] log(CompressionType codec) {
        ByteBufferOutputStream out = new ByteBufferOutputStream(4_096);
        for (int each = 0; each < BATCHES; each++) {
            MemoryRecordsBuilder batch = batch(out, codec, (long) each * RECORDS);
            for (int record = 0; record < RECORDS; record++) {
                int number = each * RECORDS + record;
                batch.append(
                        1_000 + number,
                        ("key " + number).getBytes(StandardCharsets.UTF_8),
                        value(number).getBytes(StandardCharsets.UTF_8),
                        new Header[] {new RecordHeader("h", new byte[] {7})});
            }
            batch.close();
        }
        ByteBuffer written = out.buffer().duplicate();
        written.flip();
        return bytes(written);
    }

    private static MemoryRecordsBuilder batch(
            ByteBufferOutputStream out, CompressionType codec, long base) {
        return new MemoryRecordsBuilder(
                out,
                RecordBatch.CURRENT_MAGIC_VALUE,
                Compression.of(codec).build(),
                TimestampType.CREATE_TIME,
                base,
                RecordBatch.NO_TIMESTAMP,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                false,
                3,
                Integer.MAX_VALUE);
    }

    private static String value(int number) {
        return "the words of request %d, some of them twice: request %d".formatted(number, number);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static List<Integer> starts(byte[] log) {
        List<Integer> starts = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.wrap(log);
        for (int at = 0; at < log.length; at += 12 + buffer.getInt(at + 8)) {
            starts.add(at);
        }
        return starts;
    }

    private static int batchAt(List<Integer> starts, int at) {
        int batch = 0;
        while (batch + 1 < starts.size() && starts.get(batch + 1) <= at) {
            batch++;
        }
        return batch;
    }

    /** Gives a batch the checksum of what it is now. */
    private static void sign(byte[] log, int from, int to) {
        java.util.zip.CRC32C sum = new java.util.zip.CRC32C();
        sum.update(log, from + 21, to - from - 21);
        ByteBuffer.wrap(log).putInt(from + 17, (int) sum.getValue());
    }
}
