package dev.gantry.reread;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.MemoryRecords;

import java.util.List;

/**
 * What the broker answered to a fetch of one partition, not looked at yet.
 *
 * @param offset that was asked for
 * @param end of what readers may see; negative: not said
 * @param aborted transactions whose records are nobody's
 */
public record RawFetch(
        TopicPartition partition,
        long offset,
        long end,
        Errors error,
        MemoryRecords records,
        List<AbortedTransaction> aborted) {}
