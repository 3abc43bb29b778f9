package dev.gantry.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.intake.position.PartitionState;

import org.junit.jupiter.api.Test;

import java.util.List;

class TopicBacklogTest {
    /** Slots are wanting, or the next poll: another worker would take its part of that. */
    @Test
    void whatIsNotFetchedYetIsForMoreWorkers() {
        TopicBacklog backlog = TopicBacklog.of(List.of(part(1_000, 20, 0)), 0, true);

        assertThat(backlog).isEqualTo(new TopicBacklog(1_000, 0));
    }

    @Test
    void whatWaitsForItsLanesIsNot() {
        TopicBacklog backlog =
                TopicBacklog.of(List.of(part(1_000, 120, 100), part(50, 10, 5)), 90, true);

        assertThat(backlog).isEqualTo(new TopicBacklog(1_050, 90));
    }

    /** Or a worker that may hold no more would ask for others, who could do as little. */
    @Test
    void whatIsBehindAFullLineWaitsLikeIt() {
        TopicBacklog all = TopicBacklog.of(List.of(part(1_000, 100, 100)), 100, false);
        TopicBacklog most =
                TopicBacklog.of(List.of(part(1_000, 100, 100), part(50, 10, 0)), 75, false);

        assertThat(all).isEqualTo(new TopicBacklog(1_000, 1_000));
        assertThat(most).isEqualTo(new TopicBacklog(1_050, 75 + 0.75 * 900));
    }

    /** They are counted one after the other, while work goes on. */
    @Test
    void neverIsMoreLimitedThanThereIs() {
        assertThat(TopicBacklog.of(List.of(part(3, 5, 5)), 7, false))
                .isEqualTo(new TopicBacklog(3, 3));
        assertThat(TopicBacklog.of(List.of(part(9, 0, 0)), 7, false).limited()).isEqualTo(7);
    }

    /** Nothing is done of it yet. */
    private static TopicBacklog.Part part(long records, int open, int waiting) {
        var state = new PartitionState("requests", 0, 500, 0, open, waiting, null, false, null);
        return new TopicBacklog.Part(state, 500 + records);
    }
}
