package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.Roll.Place;
import dev.gantry.cli.Roll.Standing;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

class RollTest {
    @Test
    void endsAlikeInWhateverOrderRequestsAndAnswersAreRead() {
        for (long seed = 0; seed < 50; seed++) {
            Roll roll = new Roll();
            List<Runnable> events = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String id = "r-" + i;
                events.add(() -> roll.expect(id));
                events.add(() -> roll.expect(id));
                if (i < 15) {
                    events.add(() -> roll.answer(id));
                    events.add(() -> roll.answer(id));
                }
            }
            events.add(() -> roll.answer("unexpected"));
            Collections.shuffle(events, new Random(seed));

            events.forEach(Runnable::run);

            assertThat(roll.pending()).as("seed %d", seed).isEqualTo(5);
            assertThat(roll.size()).as("seed %d", seed).isEqualTo(21);
        }
    }

    @Test
    void remembersWhereMillionsOfRequestsStand() {
        var roll = new Roll();
        for (int i = 0; i < 100_000; i++) {
            roll.expect("r-" + i);
            roll.stands("r-" + i, place(i));
        }

        for (int i = 0; i < 100_000; i++) {
            assertThat(roll.standing("r-" + i)).isEqualTo(new Standing.Open(place(i)));
        }
    }

    @Test
    void theFirstSentOfDoublesCounts() {
        var roll = new Roll();

        boolean fresh = roll.expect("a", new Place(3, 7, 2_000));
        boolean again = roll.expect("a", new Place(0, 9, 1_000));
        boolean late = roll.expect("a", new Place(1, 1, 3_000));

        assertThat(List.of(fresh, again, late)).containsExactly(true, false, false);
        assertThat(roll.standing("a")).isEqualTo(new Standing.Open(new Place(0, 9, 1_000)));
    }

    @Test
    void handsEachOverOnce() {
        var roll = new Roll();
        roll.expect("a");

        assertThat(roll.handOver("a")).isTrue();
        assertThat(roll.standing("a")).isEqualTo(new Standing.Underway());
        assertThat(roll.handOver("a")).isFalse();
        assertThat(roll.handOver("b")).isFalse();
    }

    private static Place place(int i) {
        return new Place(i % 1_000, (1L << 40) + i, i == 0 ? -1 : 1_800_000_000_000L + i);
    }
}
