package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.NavigableSet;
import java.util.TreeSet;

/** Where a partition is read next. */
class SweepTest {
    @Test
    void beginsAtTheLowestWish() {
        Sweep next = Sweep.unstarted().next(wished(70, 5_000));

        assertThat(next).isEqualTo(new Sweep(70, 5_000, 500, true));
    }

    @Test
    void readsOnToAWishNearby() {
        Sweep next = new Sweep(100, 5_000, 500, false).next(wished(600));

        assertThat(next.seeks()).isFalse();
        assertThat(next.position()).isEqualTo(100);
    }

    @Test
    void seeksToAWishFarAhead() {
        Sweep next = new Sweep(100, 5_000, 500, false).next(wished(601));

        assertThat(next.seeks()).isTrue();
        assertThat(next.position()).isEqualTo(601);
    }

    @Test
    void goesBackOnlyWhenThePassIsOver() {
        Sweep sweep = new Sweep(100, 300, 500, false);

        assertThat(sweep.next(wished(40, 300)).position()).isEqualTo(100);
        assertThat(sweep.next(wished(40)).position()).isEqualTo(40);
    }

    @Test
    void wishesThatKeepComingAheadDoNotHoldUpOneBehind() {
        Sweep next = new Sweep(301, 300, 500, false).next(wished(40, 302, 303));

        assertThat(next).isEqualTo(new Sweep(40, 303, 500, true));
    }

    @Test
    void seeksOverShorterGapsWhereRecordsAreLarge() {
        Sweep sweep = new Sweep(100, 5_000, 500, false);

        for (int each = 0; each < 10; each++) {
            sweep = sweep.reached(sweep.position() + 20, 20);
        }

        assertThat(sweep.far()).isEqualTo(20);
        assertThat(sweep.next(wished(322)).seeks()).isTrue();
    }

    @Test
    void oneSmallPollAmongLargeOnesIsNoReasonToSeek() {
        Sweep sweep = new Sweep(100, 5_000, 500, false).reached(600, 500).reached(624, 24);

        assertThat(sweep.next(wished(800)).seeks()).isFalse();
    }

    private static NavigableSet<Long> wished(long... offsets) {
        NavigableSet<Long> wished = new TreeSet<>();
        for (long offset : offsets) {
            wished.add(offset);
        }
        return wished;
    }
}
