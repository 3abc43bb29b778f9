package dev.gantry.launch.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;

import java.time.Duration;

/** Whatever goes wrong in training is passed over; a cache of half a start would be no help. */
@Timeout(120)
class ExerciseTest {
    private static final int EACH_KIND_TWICE = 600;

    @Test
    void aWorkerWithItsSettingsStartsAndAnswersAllRequests() throws Exception {
        try (Exercise exercise = Exercise.open();
                ConfigurableApplicationContext worker = Commands.startWorker(exercise.settings())) {
            int answered = exercise.work(EACH_KIND_TWICE, Duration.ofSeconds(90));

            assertThat(answered).isEqualTo(EACH_KIND_TWICE);
            assertThat(worker.isActive()).isTrue();
        }
    }
}
