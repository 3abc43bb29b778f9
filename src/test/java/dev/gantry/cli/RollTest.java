package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
}
