package dev.gantry.intake.position;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.intake.position.SkippedRequests.Place;
import dev.gantry.intake.position.SkippedRequests.Reason;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SkippedRequestsTest {
    private static final TopicPartition FIRST = new TopicPartition("requests", 0);
    private static final TopicPartition SECOND = new TopicPartition("requests", 1);

    private final SkippedRequests skipped = new SkippedRequests();

    @Test
    void whatIsSkippedIsCountedByReasonAndPlace() {
        skipped.add(new Place(FIRST, Reason.DELETED, 10, 0, 9));
        skipped.add(new Place(SECOND, Reason.DAMAGED, 1, 7, 7));
        skipped.add(new Place(FIRST, Reason.DELETED, 5, 20, 24));

        assertThat(skipped.count(Reason.DELETED)).isEqualTo(15);
        assertThat(skipped.count(Reason.DAMAGED)).isEqualTo(1);
        assertThat(skipped.places())
                .containsExactly(
                        new Place(SECOND, Reason.DAMAGED, 1, 7, 7),
                        new Place(FIRST, Reason.DELETED, 15, 0, 24));
        assertThat(skipped.places().getLast())
                .hasToString(
                        "15 requests skipped in requests-0, offsets 0 to 24: deleted before they"
                                + " were read");
    }

    @Test
    void onlyTheLatestPlacesAreRemembered() {
        for (int partition = 0; partition < 300; partition++) {
            TopicPartition each = new TopicPartition("requests", partition);
            skipped.add(new Place(each, Reason.DELETED, 1, 0, 0));
        }

        assertThat(skipped.count(Reason.DELETED)).isEqualTo(300);
        assertThat(skipped.places()).hasSize(100);
    }
}
