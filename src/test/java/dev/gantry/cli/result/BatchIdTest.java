package dev.gantry.cli.result;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.util.Random;

class BatchIdTest {
    private static final Instant NOW = Instant.parse("2026-11-21T15:42:01.5Z");

    @Test
    void carriesTheSecondOfItsMaking() {
        BatchId id = BatchId.generate(NOW, new Random(1));

        assertThat(id.value()).matches("batch-20261121-154201-[a-z0-9]{4}");
        assertThat(id.submittedAt(NOW)).contains(Instant.parse("2026-11-21T15:42:01Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nightly", "batch-20261399-154201-abcd", "batch-20991121-154201-abcd"})
    void doesNotBelieveATimeThatCannotBe(String value) {
        assertThat(new BatchId(value).submittedAt(NOW)).isEmpty();
    }
}
