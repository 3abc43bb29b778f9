package dev.gantry.cli.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.batch.BatchOptions.Report;
import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.ResultFiles;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;

class CollectLineTest {
    @Test
    void canBePastedAndHoldsNoSecret() {
        var options =
                new BatchOptions(
                        new ResultFiles.Paths(Path.of("it's out"), Path.of("err.jsonl")),
                        Report.JSON,
                        "urgent",
                        List.of(
                                "--spring.kafka.bootstrap-servers=a:1,b:2",
                                "--spring.kafka.ssl.key-store-location=ks.p12",
                                "--spring.kafka.ssl.trust-store-password=hush",
                                "--spring.kafka.properties.sasl.jaas.config=x password=\"hush\";"));

        String line = CollectLine.of(new BatchId("b"), options);

        assertThat(line)
                .contains(
                        " collect b --out 'it'\\''s out' --errors err.jsonl --topic urgent --json ")
                .contains("--spring.kafka.bootstrap-servers=a:1,b:2")
                .contains("'--spring.kafka.ssl.trust-store-password=…'")
                .doesNotContain("hush");
    }
}
