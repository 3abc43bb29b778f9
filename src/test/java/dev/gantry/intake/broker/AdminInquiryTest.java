package dev.gantry.intake.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;

/** Nothing committed is one thing, nothing said another. */
class AdminInquiryTest {
    @Test
    void whatTheClientLeavesOutIsNotTakenForNothingCommitted() {
        TopicPartition somewhere = new TopicPartition("requests", 0);
        TopicPartition nowhere = new TopicPartition("requests", 1);
        TopicPartition failed = new TopicPartition("requests", 2);
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        committed.put(somewhere, new OffsetAndMetadata(7));
        committed.put(nowhere, null);

        assertThat(AdminInquiry.told(committed, somewhere)).isTrue();
        assertThat(AdminInquiry.told(committed, nowhere)).isTrue();
        assertThat(AdminInquiry.told(committed, failed)).isFalse();
    }
}
