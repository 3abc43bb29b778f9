package dev.gantry.reread;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.NavigableSet;
import java.util.TreeSet;

/** Where a partition is read next. */
class ReadCursorTest {
    @Test
    void beginsAtTheLowestWish() {
        ReadCursor next = ReadCursor.unstarted().next(wished(70, 5_000));

        assertThat(next).isEqualTo(new ReadCursor(70, 5_000, 500, true));
    }

    @Test
    void readsOnToAWishNearby() {
        ReadCursor next = new ReadCursor(100, 5_000, 500, false).next(wished(600));

        assertThat(next.seeks()).isFalse();
        assertThat(next.position()).isEqualTo(100);
    }

    @Test
    void seeksToAWishFarAhead() {
        ReadCursor next = new ReadCursor(100, 5_000, 500, false).next(wished(601));

        assertThat(next.seeks()).isTrue();
        assertThat(next.position()).isEqualTo(601);
    }

    @Test
    void goesBackOnlyWhenThePassIsOver() {
        ReadCursor cursor = new ReadCursor(100, 300, 500, false);

        assertThat(cursor.next(wished(40, 300)).position()).isEqualTo(100);
        assertThat(cursor.next(wished(40)).position()).isEqualTo(40);
    }

    @Test
    void wishesThatKeepComingAheadDoNotHoldUpOneBehind() {
        ReadCursor next = new ReadCursor(301, 300, 500, false).next(wished(40, 302, 303));

        assertThat(next).isEqualTo(new ReadCursor(40, 303, 500, true));
    }

    @Test
    void seeksOverShorterGapsWhereRecordsAreLarge() {
        ReadCursor cursor = new ReadCursor(100, 5_000, 500, false);

        for (int each = 0; each < 10; each++) {
            cursor = cursor.reached(cursor.position() + 20, 20);
        }

        assertThat(cursor.far()).isEqualTo(20);
        assertThat(cursor.next(wished(322)).seeks()).isTrue();
    }

    @Test
    void oneSmallPollAmongLargeOnesIsNoReasonToSeek() {
        ReadCursor cursor =
                new ReadCursor(100, 5_000, 500, false).reached(600, 500).reached(624, 24);

        assertThat(cursor.next(wished(800)).seeks()).isFalse();
    }

    private static NavigableSet<Long> wished(long... offsets) {
        NavigableSet<Long> wished = new TreeSet<>();
        for (long offset : offsets) {
            wished.add(offset);
        }
        return wished;
    }
}
