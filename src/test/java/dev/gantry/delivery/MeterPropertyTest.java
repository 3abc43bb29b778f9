package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.event.MeterFixture;
import dev.gantry.testbed.ClosedSchema;
import dev.gantry.testbed.MeterPromises;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.Random;

/** The events page's promises over random attempts, checked on the bytes that readers get. */
class MeterPropertyTest {
    private static final int ROUNDS = 5_000;

    @Test
    void everyEventKeepsItsPromisesAndItsSchema() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        JsonMapper json = new JsonMapper();
        ClosedSchema schema = ClosedSchema.of("attempt-metered");

        for (int round = 0; round < ROUNDS; round++) {
            JsonNode event = json.readTree(MeterFixture.event(random));

            try {
                MeterPromises.check(event);
                assertThat(schema.mistakes(event)).as("%s", event).isEmpty();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }
}
