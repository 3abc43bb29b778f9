package dev.gantry.cli.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.result.ExpectedIds.Place;
import dev.gantry.cli.result.ExpectedIds.Standing;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

class ExpectedIdsTest {
    @Test
    void endsAlikeInWhateverOrderRequestsAndAnswersAreRead() {
        for (long seed = 0; seed < 50; seed++) {
            ExpectedIds expectedIds = new ExpectedIds();
            List<Runnable> events = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String id = "r-" + i;
                events.add(() -> expectedIds.expect(id));
                events.add(() -> expectedIds.expect(id));
                if (i < 15) {
                    events.add(() -> expectedIds.answer(id));
                    events.add(() -> expectedIds.answer(id));
                }
            }
            events.add(() -> expectedIds.answer("unexpected"));
            Collections.shuffle(events, new Random(seed));

            events.forEach(Runnable::run);

            assertThat(expectedIds.pending()).as("seed %d", seed).isEqualTo(5);
            assertThat(expectedIds.size()).as("seed %d", seed).isEqualTo(21);
        }
    }

    @Test
    void remembersWhereMillionsOfRequestsStand() {
        var expectedIds = new ExpectedIds();
        for (int i = 0; i < 100_000; i++) {
            expectedIds.expect("r-" + i);
            expectedIds.stands("r-" + i, place(i));
        }

        for (int i = 0; i < 100_000; i++) {
            assertThat(expectedIds.standing("r-" + i)).isEqualTo(new Standing.Open(place(i)));
        }
    }

    @Test
    void theFirstSentOfDoublesCounts() {
        var expectedIds = new ExpectedIds();

        boolean fresh = expectedIds.expect("a", new Place(3, 7, 2_000));
        boolean again = expectedIds.expect("a", new Place(0, 9, 1_000));
        boolean late = expectedIds.expect("a", new Place(1, 1, 3_000));

        assertThat(List.of(fresh, again, late)).containsExactly(true, false, false);
        assertThat(expectedIds.standing("a")).isEqualTo(new Standing.Open(new Place(0, 9, 1_000)));
    }

    @Test
    void handsEachOverOnce() {
        var expectedIds = new ExpectedIds();
        expectedIds.expect("a");

        assertThat(expectedIds.handOver("a")).isTrue();
        assertThat(expectedIds.standing("a")).isEqualTo(new Standing.Underway());
        assertThat(expectedIds.handOver("a")).isFalse();
        assertThat(expectedIds.handOver("b")).isFalse();
    }

    private static Place place(int i) {
        return new Place(i % 1_000, (1L << 40) + i, i == 0 ? -1 : 1_800_000_000_000L + i);
    }
}
