package dev.gantry.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.config.GantrySettings;
import dev.gantry.config.SettingsBinder;
import dev.gantry.testbed.Ports;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the quickstart runs with; {@code ExamplesTest} starts a worker with its file. */
class QuickstartTest {
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
    void usesOnlyWhatTheQuickstartOffers() throws IOException {
        Set<String> offered = new HashSet<>();
        for (var provider : settings(Places.USUAL).providers().values()) {
            for (var model : provider.models()) {
                offered.add(model.id());
                offered.addAll(model.aliases());
            }
        }

        assertThat(offered)
                .containsAll(
                        lines.stream().map(line -> line.at("/body/model").asString()).toList());
        assertThat(lines)
                .filteredOn(line -> line.at("/url").asString().equals("/v1/embeddings"))
                .hasSize(50);
    }

    /** No call can leave this machine, and no key has to be there. */
    @Test
    void hasTheExamplesConfigurationWithAddressesOfThisMachine() throws IOException {
        Places elsewhere = new Places(1, 2, 3, 4, 5, 6, List.of());

        assertThat(settings(elsewhere).providers().values())
                .hasSize(4)
                .flatExtracting(provider -> provider.instances().values())
                .extracting(instance -> String.valueOf(instance.baseUrl()))
                .containsExactlyInAnyOrder(
                        "http://127.0.0.1:4/v1",
                        "http://127.0.0.1:5/v1",
                        "http://127.0.0.1:5/v1beta",
                        "http://127.0.0.1:6/v1");
        assertThat(elsewhere.configuration())
                .contains("localhost:1\n", "postgresql://localhost:2/gantry", "port: 3 ")
                .doesNotContain("https:", "${");
    }

    private static GantrySettings settings(Places places) throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        new YamlPropertySourceLoader()
                .load(
                        "quickstart",
                        new ByteArrayResource(
                                places.configuration().getBytes(StandardCharsets.UTF_8)))
                .forEach(environment.getPropertySources()::addFirst);
        return SettingsBinder.bind(environment);
    }

    @Test
    void takesAnotherPortWhereTheUsualOneIsTakenAndSaysSo() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            int free = Ports.free();

            Places places = new Places(port, free, port, port, port, port, List.of()).orElsewhere();

            assertThat(places.broker()).isNotEqualTo(port);
            assertThat(places.database()).isEqualTo(free);
            assertThat(places.moved())
                    .hasSize(5)
                    .first()
                    .isEqualTo(
                            "port %d is taken: the broker on %d".formatted(port, places.broker()));
        }
    }
}
