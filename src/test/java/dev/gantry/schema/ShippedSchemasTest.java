package dev.gantry.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import dev.gantry.testbed.ClosedSchema;
import dev.gantry.testbed.RecordPromises;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

class ShippedSchemasTest {
    private static final Path FOLDER = Path.of("src/main/resources/schema");
    private static final Path GOLDENS = Path.of("src/test/resources/golden");
    private static final JsonMapper JSON = new JsonMapper();

    static Stream<String> names() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .map(each -> each.getFileName().toString().replace(".json", ""))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void isADraft7SchemaOfItsOwnName(String name) {
        JsonNode schema = ClosedSchema.shipped(name);

        assertThat(schema.path("$id").asString()).isEqualTo("urn:gantry:schema:" + name);
        assertThat(
                        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                                .getSchema(
                                        SchemaLocation.of(
                                                SpecificationVersion.DRAFT_7.getDialectId()))
                                .validate(schema))
                .isEmpty();
        assertThat(schema.path("title").asString()).isNotEmpty();
    }

    /** A schema that lets everything pass would make every other test here worthless. */
    @Test
    void refusesAGoldenWithAMemberTooManyTooFewOrWrong() throws IOException {
        for (Map.Entry<String, JsonNode> golden : goldens()) {
            ClosedSchema schema = ClosedSchema.of(RecordPromises.schema(golden.getKey()));
            assertThat(schema.mistakes(golden.getValue())).isEmpty();
            for (JsonNode broken : broken((ObjectNode) golden.getValue())) {
                assertThat(schema.mistakes(broken)).as("%s", broken).isNotEmpty();
            }
        }
    }

    private static List<JsonNode> broken(ObjectNode golden) {
        List<JsonNode> broken = new ArrayList<>();
        broken.add(golden.deepCopy().put("unheard_of", 1));
        String first = golden.propertyNames().iterator().next();
        broken.add(golden.deepCopy().without(first));
        broken.add(golden.deepCopy().put(first, 1));
        if (golden.path("cost").isObject()) {
            ObjectNode number = golden.deepCopy();
            ((ObjectNode) number.path("cost")).put("amount", 0.5);
            broken.add(number);
            ObjectNode exponent = golden.deepCopy();
            ((ObjectNode) exponent.path("cost")).put("amount", "5E-7");
            broken.add(exponent);
        }
        return broken;
    }

    /** The values of all goldens, each with its type. */
    private static List<Map.Entry<String, JsonNode>> goldens() throws IOException {
        List<Map.Entry<String, JsonNode>> values = new ArrayList<>();
        try (Stream<Path> files = Files.list(GOLDENS)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String type = "";
                for (String line : Files.readAllLines(file)) {
                    if (line.startsWith("ce_type: ")) {
                        type = line.substring("ce_type: ".length());
                    } else if (line.startsWith("{") && !type.isEmpty()) {
                        values.add(Map.entry(type, JSON.readTree(line)));
                        type = "";
                    }
                }
            }
        }
        assertThat(values).hasSizeGreaterThan(20);
        return values;
    }
}
