package dev.gantry.intake;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/** Which records are wished for, and by whom; guarded by the reader's lock. */
final class Wishes {
    private final Map<TopicPartition, TreeMap<Long, List<Wish>>> open = new HashMap<>();

    /** One caller's wish; its fields are written before {@code granted} is counted down. */
    static final class Wish {
        final CountDownLatch granted = new CountDownLatch(1);
        @Nullable ConsumerRecord<byte[], byte[]> record;
    }

    Wish add(TopicPartition partition, long offset) {
        Wish wish = new Wish();
        open.computeIfAbsent(partition, _ -> new TreeMap<>())
                .computeIfAbsent(offset, _ -> new ArrayList<>(1))
                .add(wish);
        return wish;
    }

    void withdraw(TopicPartition partition, long offset, Wish wish) {
        TreeMap<Long, List<Wish>> wishes = open.get(partition);
        List<Wish> same = wishes == null ? null : wishes.get(offset);
        if (wishes == null || same == null || !same.remove(wish)) {
            return;
        }
        if (same.isEmpty()) {
            wishes.remove(offset);
        }
        if (wishes.isEmpty()) {
            open.remove(partition);
        }
    }

    boolean none() {
        return open.isEmpty();
    }

    Set<TopicPartition> partitions() {
        return new HashSet<>(open.keySet());
    }

    /** The lowest offset wished for at or above this one, else the lowest of all; null: none. */
    @Nullable Long next(TopicPartition partition, long from) {
        TreeMap<Long, List<Wish>> wishes = open.get(partition);
        if (wishes == null) {
            return null;
        }
        Long ahead = wishes.ceilingKey(from);
        return ahead != null ? ahead : wishes.firstKey();
    }

    void grant(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
        TreeMap<Long, List<Wish>> wishes = open.get(partition);
        List<Wish> granted = wishes == null ? null : wishes.remove(record.offset());
        if (wishes == null || granted == null) {
            return;
        }
        if (wishes.isEmpty()) {
            open.remove(partition);
        }
        for (Wish wish : granted) {
            wish.record = record;
            wish.granted.countDown();
        }
    }

    /** The partition was read from one offset up to another: what was not there is gone. */
    void refuse(TopicPartition partition, long from, long to) {
        TreeMap<Long, List<Wish>> wishes = open.get(partition);
        if (wishes == null || from >= to) {
            return;
        }
        SortedMap<Long, List<Wish>> gone = wishes.subMap(from, to);
        gone.values().forEach(each -> each.forEach(wish -> wish.granted.countDown()));
        gone.clear();
        if (wishes.isEmpty()) {
            open.remove(partition);
        }
    }
}
