package dev.gantry.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.event.TopicSettings;
import dev.gantry.testbed.ClosedSchema;
import dev.gantry.testbed.RecordPromises;

import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.yaml.snakeyaml.Yaml;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

class AsyncApiTest {
    private static final Path RESOURCES = Path.of("src/main/resources");

    private final JsonNode document = read();

    @Test
    void itsChannelsAreTheTopics() {
        TopicSettings topics =
                new Binder(new MapConfigurationPropertySource())
                        .bindOrCreate("gantry.topics", TopicSettings.class);

        assertThat(document.path("asyncapi").asString()).isEqualTo("3.0.0");
        assertThat(document.path("channels").values().stream().map(each -> each.path("address")))
                .extracting(JsonNode::asString)
                .containsExactlyInAnyOrder(
                        topics.requests(),
                        topics.results(),
                        topics.chunks(),
                        topics.metering(),
                        topics.audit(),
                        topics.routing(),
                        topics.deadLetters());
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<String> references = references(document);

        assertThat(references).hasSizeGreaterThan(30);
        for (String reference : references) {
            if (reference.startsWith("#")) {
                assertThat(document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse();
            } else {
                assertThat(RESOURCES.resolve(reference)).exists();
            }
        }
    }

    @Test
    void everySchemaIsUsed() throws IOException {
        List<String> references = references(document);
        try (Stream<Path> files = Files.list(RESOURCES.resolve("schema"))) {
            assertThat(files.map(each -> "schema/" + each.getFileName()))
                    .allSatisfy(file -> assertThat(references).contains(file));
        }
    }

    @Test
    void everyEventsNameFitsItsSchema() {
        for (JsonNode message : document.at("/components/messages")) {
            String name = message.path("name").asString();
            if (name.startsWith("dev.gantry.")) {
                String schema = message.at("/payload/$ref").asString();
                assertThat(schema).isEqualTo("schema/" + RecordPromises.schema(name) + ".json");
                assertThat(message.at("/headers/$ref").asString())
                        .isEqualTo("schema/event-headers.json");
                assertThat(ClosedSchema.of(RecordPromises.schema(name))).isNotNull();
            }
        }
    }

    private static List<String> references(JsonNode node) {
        List<String> found = new ArrayList<>();
        if (node.path("$ref").isString()) {
            found.add(node.path("$ref").asString());
        }
        node.forEach(each -> found.addAll(references(each)));
        return found;
    }

    private static JsonNode read() {
        try {
            Object yaml = new Yaml().load(Files.readString(RESOURCES.resolve("asyncapi.yaml")));
            return new JsonMapper().valueToTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
