package dev.gantry.intake;

import dev.gantry.worker.Flight;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * One delivered record of one assignment, from its arrival until its offset is done.
 *
 * @param arrivedNanos on the monotonic clock
 */
record Ticket(
        PartitionWork partition,
        ConsumerRecord<byte[], byte[]> record,
        Flight flight,
        long arrivedNanos) {
    long offset() {
        return record.offset();
    }

    /** Bytes held while the ticket is open. */
    int size() {
        return record.value() == null ? 0 : record.value().length;
    }

    /** Tickets are compared by identity: a redelivered record has another ticket. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return partition.partition() + "@" + offset();
    }
}
