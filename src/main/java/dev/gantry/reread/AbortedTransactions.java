package dev.gantry.reread;

import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;

import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/** Which batches belong to transactions that came to nothing; asked in the order of the log. */
final class AbortedTransactions {
    private final Queue<AbortedTransaction> ahead =
            new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));
    private final Set<Long> producers = new HashSet<>();

    /**
     * @param transactions as the broker names them; none for who reads what is not committed, too
     */
    AbortedTransactions(List<AbortedTransaction> transactions) {
        ahead.addAll(transactions);
    }

    boolean hides(RecordBatch batch) {
        while (!ahead.isEmpty() && ahead.peek().firstOffset() <= batch.lastOffset()) {
            producers.add(ahead.remove().producerId());
        }
        if (batch.isControlBatch()) {
            if (endsTransaction(batch)) {
                producers.remove(batch.producerId());
            }
            return true;
        }
        return batch.isTransactional() && producers.contains(batch.producerId());
    }

    private static boolean endsTransaction(RecordBatch marker) {
        Iterator<Record> records = marker.iterator();
        return records.hasNext()
                && ControlRecordType.parse(records.next().key()) == ControlRecordType.ABORT;
    }
}
