package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.event.OutboundRecord;
import dev.gantry.inference.SourcePosition;

import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;

/** The spool's statements on a real database. */
class SpoolTableTest {
    private static final long ANY = 1L << 40;

    private SpoolFixture fixture;
    private SpoolTable table;

    @BeforeEach
    void open() throws InterruptedException {
        fixture = SpoolFixture.shared();
        table = fixture.table();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void givesBackEveryByteAsItWas() {
        byte[] noise = new byte[70_000];
        new Random(7).nextBytes(noise);
        List<OutboundRecord> records =
                List.of(
                        new OutboundRecord("a", noise, headers(), noise),
                        new OutboundRecord("a", null, List.of(), null),
                        new OutboundRecord("a", new byte[0], headers(), new byte[0]));

        write(records);

        List<SpoolEntry.Stored> stored = take("a", 10, ANY);
        assertThat(stored)
                .extracting(SpoolEntry.Stored::record)
                .usingRecursiveComparison()
                .isEqualTo(records);
        assertThat(table.size(Duration.ZERO).records()).isEqualTo(3);
        assertThat(table.size(Duration.ZERO).bytes())
                .isEqualTo(stored.stream().mapToLong(SpoolEntry.Stored::bytes).sum());
    }

    @Test
    void namesTheTopicsThatHaveRecords() {
        write(List.of(record("b", "1"), record("a", "2"), record("b", "3"), record("c", "4")));
        table.setAside(take("c", 1, ANY).getFirst().id(), "too large");

        assertThat(table.front().heads())
                .extracting(SpoolTable.Head::topic)
                .containsExactly("a", "b");
        assertThat(table.size(Duration.ZERO).setAside()).isEqualTo(1);
    }

    @Test
    void takesTheOldestWithinBothBounds() {
        write(
                List.of(
                        record("a", "x".repeat(600)),
                        record("a", "y".repeat(600)),
                        record("a", "z")));

        assertThat(take("a", 2, ANY)).hasSize(2);
        assertThat(take("a", 9, 2_000)).hasSize(2);
        assertThat(take("a", 9, 1)).as("one at least").hasSize(1);
        long first = take("a", 1, ANY).getFirst().id();
        assertThat(table.take("a", first, 9, ANY)).hasSize(2);
    }

    @Test
    void twoDrainsNeverHoldTheSameRecord() throws InterruptedException {
        write(List.of(record("a", "1"), record("a", "2"), record("a", "3")));

        List<Long> taken =
                within(
                        () -> {
                            List<Long> ids = new ArrayList<>(ids(take("a", 2, ANY)));
                            Thread other =
                                    Thread.ofPlatform()
                                            .start(() -> ids.addAll(ids(take("a", 9, ANY))));
                            try {
                                other.join();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return ids;
                        });

        assertThat(taken).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void countsWhatGoesAsWellAsWhatComes() {
        write(List.of(record("a", "1"), record("a", "2"), record("b", "3")));

        table.delete(ids(take("a", 9, ANY)));

        assertThat(table.size(Duration.ZERO).records()).isEqualTo(1);
        assertThat(fixture.counted()).isTrue();
        table.delete(List.of(-1L));
        assertThat(fixture.counted()).isTrue();
    }

    /** A timeout says nothing of a write: it may have been committed. */
    @Test
    void writesOnceWhatIsTriedAgain() {
        List<SpoolEntry> batch = entries(List.of(record("a", "1"), record("b", "2")));
        table.write(batch, List.of());

        List<SpoolEntry> again = new ArrayList<>(batch);
        again.addAll(entries(List.of(record("a", "3"))));
        table.write(again, List.of());

        assertThat(table.size(Duration.ZERO).records()).isEqualTo(3);
        assertThat(fixture.counted()).isTrue();
    }

    @Test
    void keepsThePositionsOfCompleteRequestsWithTheRecords() {
        SourcePosition one = new SourcePosition("in", 1, 7, 100);
        table.write(entries(List.of(record("a", "1"))), List.of(one, one));
        SourcePosition again = new SourcePosition("in", 1, 7, 200);
        table.write(entries(List.of(record("a", "1"))), List.of(again));

        assertThat(fixture.done()).containsExactly("in/1/7@200");
    }

    private <T> T within(Supplier<T> work) {
        T result =
                new TransactionTemplate(new DataSourceTransactionManager(fixture.dataSource()))
                        .execute(_ -> work.get());
        assertThat(result).isNotNull();
        return result;
    }

    private List<SpoolEntry.Stored> take(String topic, int records, long bytes) {
        return within(() -> table.take(topic, 0, records, bytes));
    }

    private void write(List<OutboundRecord> records) {
        table.write(entries(records), List.of());
    }

    private static List<SpoolEntry> entries(List<OutboundRecord> records) {
        return records.stream().map(each -> new SpoolEntry(UUID.randomUUID(), each, null)).toList();
    }

    private static List<Long> ids(List<SpoolEntry.Stored> rows) {
        return rows.stream().map(SpoolEntry.Stored::id).toList();
    }

    private static List<RecordHeader> headers() {
        return List.of(header("ce_id", "ä/1"), header("empty", ""), header("none", null));
    }

    private static RecordHeader header(String name, @Nullable String value) {
        return new RecordHeader(
                name, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    private static OutboundRecord record(String topic, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return new OutboundRecord(topic, bytes, List.of(header("ce_id", value)), bytes);
    }
}
