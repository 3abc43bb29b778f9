package dev.gantry.launch.training;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A topic in memory. Guarded by its broker's lock. */
final class LoopbackTopic {
    private final Uuid id = Uuid.randomUuid();
    private final String name;
    private final List<Partition> partitions;
    private final Map<String, String> configs;

    LoopbackTopic(String name, int partitions, Map<String, String> configs) {
        this.name = name;
        this.partitions = Stream.generate(Partition::new).limit(partitions).toList();
        this.configs = Map.copyOf(configs);
    }

    Uuid id() {
        return id;
    }

    String name() {
        return name;
    }

    Map<String, String> configs() {
        return configs;
    }

    List<Integer> partitions() {
        return IntStream.range(0, partitions.size()).boxed().toList();
    }

    Partition partition(int index) {
        return partitions.get(index);
    }

    /** How many records it has ever had. */
    long size() {
        return partitions.stream().mapToLong(Partition::end).sum();
    }

    /** What is to be read of a partition, batch by batch. */
    static final class Partition {
        private final NavigableMap<Long, MemoryRecords> batches = new TreeMap<>();
        private long end;

        long end() {
            return end;
        }

        /** Takes so many records and forgets them; returns the first one's offset. */
        long pass(int count) {
            long first = end;
            end += count;
            return first;
        }

        void append(List<byte[]> values) {
            long now = System.currentTimeMillis();
            SimpleRecord[] records =
                    values.stream()
                            .map(value -> new SimpleRecord(now, value))
                            .toArray(SimpleRecord[]::new);
            batches.put(end, MemoryRecords.withRecords(end, Compression.NONE, 0, records));
            pass(records.length);
        }

        /** The batch that holds the offset; empty behind the end. */
        MemoryRecords from(long offset) {
            Map.Entry<Long, MemoryRecords> batch = batches.floorEntry(offset);
            return batch == null || offset >= end ? MemoryRecords.EMPTY : batch.getValue();
        }

        /** Lets go of the batches before the one that holds the offset. */
        void forgetBelow(long offset) {
            Long kept = batches.floorKey(offset);
            if (kept != null) {
                batches.headMap(kept).clear();
            }
        }
    }
}
