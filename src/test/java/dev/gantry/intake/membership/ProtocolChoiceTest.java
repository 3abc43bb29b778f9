package dev.gantry.intake.membership;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Map;

/** What the worker has a say in: how soon its death is noticed, and who gets which partitions. */
class ProtocolChoiceTest {
    private static final String SESSION = "session.timeout.ms";
    private static final String ASSIGNOR = "group.remote.assignor";

    @Test
    void aClassicMemberIsMissedAfter20SecondsUnlessSomebodySaysOtherwise() {
        assertThat(ProtocolChoice.properties(Map.of(), false, 1)).containsEntry(SESSION, 20_000);
        assertThat(ProtocolChoice.properties(Map.of(SESSION, 30_000), false, 1))
                .containsEntry(SESSION, 30_000);
        assertThat(ProtocolChoice.properties(Map.of(), true, 1)).doesNotContainKey(SESSION);
    }

    @Test
    void severalTopicsAreDealtOutEachByItself() {
        assertThat(ProtocolChoice.properties(Map.of(), true, 2)).containsEntry(ASSIGNOR, "range");
        assertThat(ProtocolChoice.properties(Map.of(ASSIGNOR, "uniform"), true, 2))
                .containsEntry(ASSIGNOR, "uniform");
        assertThat(ProtocolChoice.properties(Map.of(), true, 1)).doesNotContainKey(ASSIGNOR);
        assertThat(ProtocolChoice.properties(Map.of(ASSIGNOR, "uniform"), false, 2))
                .doesNotContainKey(ASSIGNOR);
    }
}
