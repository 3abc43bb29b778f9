package dev.gantry.intake.membership;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Map;

/** How soon a worker that died is noticed, as far as the worker has a say. */
class ProtocolChoiceTest {
    private static final String SESSION = "session.timeout.ms";

    @Test
    void aClassicMemberIsMissedAfter20SecondsUnlessSomebodySaysOtherwise() {
        assertThat(ProtocolChoice.properties(Map.of(), false)).containsEntry(SESSION, 20_000);
        assertThat(ProtocolChoice.properties(Map.of(SESSION, 30_000), false))
                .containsEntry(SESSION, 30_000);
        assertThat(ProtocolChoice.properties(Map.of(), true)).doesNotContainKey(SESSION);
    }
}
