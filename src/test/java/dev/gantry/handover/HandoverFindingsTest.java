package dev.gantry.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.SourcePosition;

import org.junit.jupiter.api.Test;

import java.util.List;

/** What a look at the table says of a request that another worker holds. */
class HandoverFindingsTest {
    private static final SourcePosition REQUEST = new SourcePosition("requests", 3, 7, 700);

    @Test
    void aRequestIsHeldWhileItsWorkerIsHeard() {
        assertThat(found(row("other", false, false), true)).isEqualTo(nothing());
    }

    @Test
    void aRowThatSaysDoneIsDoneWhoeverDied() {
        assertThat(found(row("other", true, true), true).done()).containsExactly(REQUEST);
        assertThat(found(row("other", true, true), true).orphaned()).isEmpty();
    }

    @Test
    void aRequestWithoutARowWasGivenUp() {
        var found = HandoverFindings.of(List.of(REQUEST), List.of(), "self", false);

        assertThat(found.released()).containsExactly(REQUEST);
    }

    @Test
    void anotherRecordsRowAtTheSameOffsetSaysNothingOfIt() {
        SourcePosition older = new SourcePosition("requests", 3, 7, 600);
        var row = new HandoverRow(older, "other", true, false);

        var found = HandoverFindings.of(List.of(REQUEST), List.of(row), "self", true);

        assertThat(found.done()).isEmpty();
        assertThat(found.released()).containsExactly(REQUEST);
    }

    @Test
    void silenceIsDeathOnlyWhereTheTableIsTrusted() {
        HandoverRow silent = row("other", false, true);

        assertThat(found(silent, false)).isEqualTo(nothing());
        assertThat(found(silent, true).orphaned()).containsExactly(silent);
    }

    @Test
    void thisWorkerIsNotDeadWhateverTheTableSays() {
        assertThat(found(row("self", false, true), true)).isEqualTo(nothing());
    }

    private static HandoverFindings found(HandoverRow row, boolean trusted) {
        return HandoverFindings.of(List.of(REQUEST), List.of(row), "self", trusted);
    }

    private static HandoverRow row(String worker, boolean done, boolean silent) {
        return new HandoverRow(REQUEST, worker, done, silent);
    }

    private static HandoverFindings nothing() {
        return new HandoverFindings(List.of(), List.of(), List.of());
    }
}
