package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

import java.util.List;
import java.util.Map;

/** What intake promises, as things that can be checked at any moment of a run. */
sealed interface Guarantees {
    void check() throws Exception;

    /**
     * Whatever the broker holds as done really is: no commit past unfinished work, in offset or
     * map.
     */
    record NoCommitPastUnfinished(Topic topic, String group, FakeWork work) implements Guarantees {
        @Override
        public void check() throws Exception {
            Map<TopicPartition, OffsetAndMetadata> committed = topic.committed(group);
            committed.forEach(this::check);
        }

        private void check(TopicPartition partition, OffsetAndMetadata committed) {
            OffsetMap map = OffsetMap.read(committed.metadata(), committed.offset());
            for (long offset = 0; offset < map.top(); offset++) {
                boolean saidDone = offset < map.base() || !map.incomplete().contains(offset);
                if (saidDone) {
                    assertThat(work.isDone(partition, offset))
                            .as("%s@%s is committed as done", partition, offset)
                            .isTrue();
                }
            }
        }
    }

    /** Every record sent was worked on to its end. */
    record NoLoss(List<RecordMetadata> sent, FakeWork work) implements Guarantees {
        @Override
        public void check() {
            for (RecordMetadata each : sent) {
                TopicPartition partition = new TopicPartition(each.topic(), each.partition());
                assertThat(work.isDone(partition, each.offset())).as("%s", each).isTrue();
            }
        }
    }

    /** Done work was begun again at most so many times. */
    record BoundedRepeats(FakeWork work, int most) implements Guarantees {
        @Override
        public void check() {
            assertThat(work.repeated()).hasSizeLessThanOrEqualTo(most);
        }
    }
}
