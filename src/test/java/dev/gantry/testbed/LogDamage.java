package dev.gantry.testbed;

import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.RecordBatch;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The first segment of a stopped broker's partition, and what a bad disk makes of it. */
public final class LogDamage {
    private final Path segment;

    /**
     * @param partition the directory of its segments
     */
    public LogDamage(Path partition) throws IOException {
        try (Stream<Path> files = Files.list(partition)) {
            this.segment =
                    files.filter(each -> each.toString().endsWith(".log"))
                            .sorted()
                            .findFirst()
                            .orElseThrow();
        }
    }

    /**
     * One batch of it.
     *
     * @param at the file's byte where it begins
     */
    public record Batch(long first, long last, long at, int size) {}

    public List<Batch> batches() throws IOException {
        List<Batch> batches = new ArrayList<>();
        try (FileRecords records = FileRecords.open(segment.toFile())) {
            long at = 0;
            for (RecordBatch each : records.batches()) {
                batches.add(
                        new Batch(each.baseOffset(), each.lastOffset(), at, each.sizeInBytes()));
                at += each.sizeInBytes();
            }
        }
        return batches;
    }

    /** Flips a bit so many bytes behind the beginning of the batch. */
    public void flip(Batch batch, int byteOf) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(batch.at() + byteOf);
            int was = file.read();
            file.seek(batch.at() + byteOf);
            file.write(was ^ 0x10);
        }
    }
}
