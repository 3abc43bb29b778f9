package dev.gantry.convention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.gantry.config.SettingsBinder;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.ClosedSchema;
import dev.gantry.testbed.MeterPromises;
import dev.gantry.testbed.RecordPromises;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a paper shows as JSON or YAML is what Gantry writes, or takes. */
class PaperExamplesTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    static List<Paper.Block> json() {
        return blocks("json");
    }

    static List<Paper.Block> yaml() {
        return blocks("yaml");
    }

    private static List<Paper.Block> blocks(String language) {
        return Paper.all().stream()
                .flatMap(paper -> paper.blocks().stream())
                .filter(block -> block.language().equals(language))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("json")
    void isWhatItsSchemaSays(Paper.Block block) {
        JsonNode value = JSON.readTree(block.text());

        if (value.has("models")) {
            assertThatCode(() -> Script.parse(block.text())).doesNotThrowAnyException();
            return;
        }
        String schema = schema(block, value);
        assertThat(ClosedSchema.of(schema).mistakes(value)).isEmpty();
        if (schema.equals("attempt-metered")) {
            MeterPromises.check(value);
        }
    }

    private static String schema(Paper.Block block, JsonNode value) {
        if (value.has("body")) {
            return "request";
        }
        return value.has("response")
                ? "result"
                : RecordPromises.schema(block.heading().replace("`", ""));
    }

    @ParameterizedTest
    @MethodSource("yaml")
    void binds(Paper.Block block) throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        new YamlPropertySourceLoader()
                .load("paper", new ByteArrayResource(block.text().getBytes(StandardCharsets.UTF_8)))
                .forEach(environment.getPropertySources()::addFirst);

        assertThatCode(() -> SettingsBinder.bind(environment, SettingsBinder.Secrets.UNNEEDED))
                .doesNotThrowAnyException();
    }

    @Test
    void thereAreSome() {
        assertThat(json()).hasSizeGreaterThan(8);
        assertThat(yaml()).isNotEmpty();
    }
}
