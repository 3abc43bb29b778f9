package dev.gantry.reread;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.internals.CompletedFetch;
import org.apache.kafka.clients.consumer.internals.FetchBuffer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.MemoryRecords;
import org.jspecify.annotations.Nullable;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Queue;

/**
 * The few private fields of the Kafka client (4.2.1) that {@link FetchGuard} needs: nothing public
 * lies between a fetch and what is inflated of it. A client that has them no longer is noticed by
 * the first test, and by a worker that does not start.
 */
final class ClientAccess {
    private final Field partition = field(CompletedFetch.class, "partition");
    private final Field data = field(CompletedFetch.class, "partitionData");
    private final Field offset = field(CompletedFetch.class, "nextFetchOffset");
    private final Field begun = field(CompletedFetch.class, "initialized");

    /** Has the consumer keep its fetches here. */
    void queue(Consumer<?, ?> consumer, Queue<CompletedFetch> fetches) {
        Object delegate = value(field(consumer.getClass(), "delegate"), consumer);
        Object fetcher =
                has(delegate.getClass(), "fetcher")
                        ? value(field(delegate.getClass(), "fetcher"), delegate)
                        : delegate;
        Object buffer = value(field(fetcher.getClass(), "fetchBuffer"), fetcher);
        try {
            field(FetchBuffer.class, "completedFetches").set(buffer, fetches);
        } catch (IllegalAccessException e) {
            throw other(e);
        }
    }

    /** Whether the client has begun to read it. */
    boolean begun(CompletedFetch fetch) {
        return (Boolean) value(begun, fetch);
    }

    RawFetch raw(CompletedFetch fetch) {
        PartitionData answer = (PartitionData) value(data, fetch);
        List<AbortedTransaction> aborted = answer.abortedTransactions();
        return new RawFetch(
                (TopicPartition) value(partition, fetch),
                (Long) value(offset, fetch),
                answer.highWatermark(),
                Errors.forCode(answer.errorCode()),
                answer.records() instanceof MemoryRecords records ? records : MemoryRecords.EMPTY,
                aborted == null ? List.of() : aborted);
    }

    private static boolean has(Class<?> type, String name) {
        return find(type, name) != null;
    }

    private static Field field(Class<?> type, String name) {
        Field field = find(type, name);
        if (field == null) {
            throw other(new NoSuchFieldException(type.getName() + "." + name));
        }
        field.setAccessible(true);
        return field;
    }

    private static @Nullable Field find(Class<?> type, String name) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            for (Field field : each.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    return field;
                }
            }
        }
        return null;
    }

    private static Object value(Field field, Object of) {
        try {
            return field.get(of);
        } catch (IllegalAccessException e) {
            throw other(e);
        }
    }

    private static IllegalStateException other(Exception cause) {
        return new IllegalStateException(
                "the Kafka client is not the one that Gantry was built with", cause);
    }
}
