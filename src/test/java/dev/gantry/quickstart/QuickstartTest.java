package dev.gantry.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class SampleBatchTest {
    private static List<JsonNode> lines = List.of();

    @BeforeAll
    static void read() throws IOException {
        lines =
                Files.readAllLines(Path.of("src/test/resources/quickstart/batch.jsonl")).stream()
                        .map(JsonMapper.shared()::readTree)
                        .toList();
    }

    @Test
    void holdsFiveHundredRequestsNoTwoAlike() {
        assertThat(lines).hasSize(500);
        assertThat(lines)
                .extracting(line -> line.at("/custom_id").asString())
                .doesNotHaveDuplicates();
        assertThat(lines).extracting(line -> line.at("/body").toString()).doesNotHaveDuplicates();
    }

    @Test
    void usesOnlyWhatTheQuickstartOffers() {
        assertThat(lines)
                .extracting(line -> line.at("/body/model").asString())
                .containsOnly("gpt-5-mini", "small", "qwen3-30b", "text-embedding-3-small");
        assertThat(lines)
                .filteredOn(line -> line.at("/url").asString().equals("/v1/embeddings"))
                .hasSize(50)
                .allSatisfy(
                        line ->
                                assertThat(line.at("/body/model").asString())
                                        .isEqualTo("text-embedding-3-small"));
    }
}
