package dev.gantry.cli.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Places on a topic, kept as runs of offsets by partition.
 *
 * <p>Guarded by itself: the sender's callbacks add to it.
 */
final class SentPositions {
    private final Map<Integer, Runs> partitions = new TreeMap<>();
    private long count;

    /** Offsets from the first to the last. */
    record Run(long first, long last) {
        Run {
            if (first < 0 || last < first) {
                throw new IllegalArgumentException(
                        "a run of offsets from %d to %d".formatted(first, last));
            }
        }

        long size() {
            return last - first + 1;
        }
    }

    synchronized void add(int partition, long offset) {
        add(partition, new Run(offset, offset));
    }

    /** Must not overlap what is here; as the broker counts, mostly in ascending order. */
    synchronized void add(int partition, Run run) {
        partitions.computeIfAbsent(partition, _ -> new Runs()).add(run);
        count += run.size();
    }

    synchronized boolean contains(int partition, long offset) {
        Runs runs = partitions.get(partition);
        return runs != null && runs.contains(offset);
    }

    synchronized long count() {
        return count;
    }

    /** In the order of partitions and offsets. */
    synchronized Map<Integer, List<Run>> runs() {
        Map<Integer, List<Run>> all = new TreeMap<>();
        partitions.forEach((partition, runs) -> all.put(partition, runs.all()));
        return Collections.unmodifiableMap(all);
    }

    /** Of one partition, ascending. */
    private static final class Runs {
        private long[] firsts = new long[4];
        private long[] lasts = new long[4];
        private int size;

        void add(Run run) {
            if (size > 0 && run.first() == lasts[size - 1] + 1) {
                lasts[size - 1] = run.last();
                return;
            }
            int at = size == 0 || run.first() > lasts[size - 1] ? size : ~find(run.first());
            if (size == firsts.length) {
                firsts = Arrays.copyOf(firsts, 2 * size);
                lasts = Arrays.copyOf(lasts, 2 * size);
            }
            System.arraycopy(firsts, at, firsts, at + 1, size - at);
            System.arraycopy(lasts, at, lasts, at + 1, size - at);
            firsts[at] = run.first();
            lasts[at] = run.last();
            size++;
        }

        boolean contains(long offset) {
            int at = find(offset);
            return at >= 0 || (~at > 0 && lasts[~at - 1] >= offset);
        }

        List<Run> all() {
            List<Run> runs = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                runs.add(new Run(firsts[i], lasts[i]));
            }
            return runs;
        }

        private int find(long first) {
            return Arrays.binarySearch(firsts, 0, size, first);
        }
    }
}
