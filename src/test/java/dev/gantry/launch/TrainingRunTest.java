package dev.gantry.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.config.GantrySettings;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.config.catalog.LaneCheck;

import org.junit.jupiter.api.Test;
import org.springframework.core.env.ConfigurableEnvironment;

class TrainingRunTest {
    /** Whatever goes wrong in training is passed over; a cache of half a start would be no help. */
    @Test
    void aWorkerStartsWithTheSettingsThatAreTrained() {
        ConfigurableEnvironment environment = SilentStart.environment(TrainingRun.SETTINGS);

        GantrySettings settings = StartChecks.Of.WORKER.settings(environment, null);
        LaneCatalog catalog = LaneCatalog.of(settings);
        LaneCheck.check(settings, catalog, environment);

        assertThat(catalog.lanes()).hasSize(1);
    }
}
