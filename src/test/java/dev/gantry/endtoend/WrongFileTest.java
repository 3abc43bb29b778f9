package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gantry.launch.Commands;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A start that finds its files wrong says where, all at once, before anything is built. */
class WrongFileTest {
    private static final String PROVIDER =
            """
            gantry:
              providers:
                openai:
                  tier: frontier
                  instances:
                    main: {base-url: "https://api.openai.com/v1", api-key: k}
                  models:
                    - id: gpt
            """;

    @TempDir Path folder;

    /** What is written below the provider, line 9 and on, and what is said of it. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
          contxt-window: 400000           | 9: gantry.providers.openai.models[0].contxt-window: there is no such key, did you mean context-window?
          context-window: many            | 9: gantry.providers.openai.models[0].context-window: many; allowed is a whole number
          context-window: 0               | 9: gantry.providers.openai.models[0].context-window: 0; allowed is 1 or more
          capabilities: [streaming, tool] | 9: gantry.providers.openai.models[0].capabilities: tool; allowed is streaming, … did you mean tools?
          type: embeding                  | 9: gantry.providers.openai.models[0].type: embeding; allowed is inference, … did you mean embedding?
          price: {input: cheap}           | 9: gantry.providers.openai.models[0].price.input: cheap; allowed is a plain decimal
        - {aliases: [x]}                  | 9: gantry.providers.openai.models[1].id: missing; required is the model's name
          aliases: [a                     | 10: no valid YAML at column 1: expected ',' or ']', but got
          aliases: a: b                   | 9: no valid YAML at column 21: mapping values are not allowed here
   worker: {}                         | 9: no valid YAML
  provider: {x: {tier: local}}        | 9: gantry.provider.x.tier: there is no such key, did you mean providers?
  worker: {max-in-flight: -1}         | 9: gantry.worker.max-in-flight: -1; allowed is 1 or more
  worker: {max-in-flight: "${NO_SUCH}"} | 9: gantry.worker.max-in-flight: the environment variable NO_SUCH is not set
  routing: {default-model: gptt}      | 9: gantry.routing.default-model: gptt; allowed is gpt; did you mean gpt?
gantri: {worker: {group: g}}          | 9: gantri: there is no such key, did you mean gantry?
spring: {kafka: {consumer: {max-poll-records: few}}}  | 9: spring.kafka.consumer.max-poll-records: few; allowed is a whole number
spring: {kafka: {client-id: "${no.such}"}}            | 9: spring.kafka.client-id: ${no.such} stands for nothing that is set
spring: {kafka: {producer: {acks: 0}}}                | 9: spring.kafka.producer.acks: 0; allowed is all
spring: {datasource: {url: "postgres://h/d"}}         | 9: spring.datasource.url: postgres://h/d; allowed is jdbc:postgresql://host:port/database
server: {port: http}                  | 9: server.port: http; allowed is a whole number
logging: {level: {dev.gantry: loud}}  | 9: logging.level.dev.gantry: loud; allowed is
""",
            ignoreLeadingAndTrailingWhitespace = false)
    void saysFileAndLine(String line, String expected) throws IOException {
        Path file = write(PROVIDER + line.stripTrailing() + "\n");

        List<String> parts = List.of(expected.strip().split(" … ", -1));
        assertThat(failure("--spring.config.location=file:" + file))
                .startsWith(file + ":" + parts.getFirst())
                .contains(parts);
    }

    @Test
    void aWordMuchLikeGantryIsNamedWhereItStands() throws IOException {
        Path file = write(PROVIDER.replaceFirst("gantry:", "gantri:"));

        assertThat(failure("--spring.config.location=file:" + file))
                .isEqualTo(file + ":1: gantri: there is no such key, did you mean gantry?");
    }

    @Test
    void whatIsWrongHidesNothingElse() throws IOException {
        Files.writeString(folder.resolve("more.yml"), "gantry.spool.max-rows: 0\n");
        Files.writeString(folder.resolve("wrong-night.yml"), "gantry.topics.replicas: 0\n");
        Path file =
                write(
                        PROVIDER.replace("frontier", "Frontierr").replace("api-key", "apykey")
                                + """
                                          weight: -1
                                        - {id: gpt, prise: {input: 1}}
                                  worker: {max-in-flight: many, commit-interval: 0s, lane-share: 2}
                                  policies: {nightly: {chain: ["openay:gpt"]}}
                                spring.config.import: more.yml
                                spring.kafka.producer.acks: 0
                                """);

        String failure =
                failure(
                        "--spring.config.location=file:" + file,
                        "--spring.profiles.active=night",
                        "--gantry.topics.partitions=0");

        assertThat(failure.replace(folder + "/", ""))
                .isEqualTo(
                        """
                        more.yml:1: gantry.spool.max-rows: 0; allowed is 1 or more
                        wrong-night.yml:1: gantry.topics.replicas: 0; allowed is 1 or more, or -1 for the broker's default
                        wrong.yml:4: gantry.providers.openai.tier: Frontierr; allowed is local, direct, fleet, cloud, frontier; did you mean frontier?
                        wrong.yml:6: gantry.providers.openai.instances.main.apykey: there is no such key, did you mean api-key?
                        wrong.yml:9: gantry.providers.openai.models[0].weight: -1; allowed is 0 or more
                        wrong.yml:10: gantry.providers.openai.models[1].prise.input: there is no such key, did you mean price?
                        wrong.yml:10: gantry.providers.openai.models[1].id: gpt; allowed is an id that no other model of the provider has
                        wrong.yml:11: gantry.worker.max-in-flight: many; allowed is a whole number
                        wrong.yml:11: gantry.worker.lane-share: 2.0; allowed is more than 0, at most 1
                        wrong.yml:11: gantry.worker.commit-interval: PT0S; allowed is more than 0s
                        wrong.yml:12: gantry.policies.nightly.chain[0].provider: openay; allowed is openai; did you mean openai?
                        wrong.yml:14: spring.kafka.producer.acks: 0; allowed is all, or 1; with 0 nobody hears what the broker refused
                        command line: gantry.topics.partitions: 0; allowed is 1 or more"""
                                .replace("\n", System.lineSeparator()));
    }

    @Test
    void noProviderAtAllNamesTheFilesLookedFor() throws IOException {
        Path file = write("gantry.worker.group: g\n");

        assertThat(failure("--spring.config.location=file:" + file))
                .isEqualTo(
                        "gantry.providers: missing; required is at least one provider with a model;"
                                + " looked for application.yml, .yaml and .properties in file:"
                                + file
                                + "; read "
                                + file);
        assertThat(failure("--spring.config.name=elsewhere"))
                .contains(
                        "looked for elsewhere.yml, .yaml and .properties in "
                                + Path.of("").toAbsolutePath()
                                + " and ")
                .endsWith("/config; read none, there is none");
    }

    @Test
    void aProviderWithoutAnyKeyIsAMistake() throws IOException {
        Files.writeString(folder.resolve("openai-key"), "k");
        Path lost = folder.resolve("openai-kee");

        assertThat(keyed("api-key: \"${NO_SUCH_KEY}\""))
                .isEqualTo(
                        ":6: gantry.providers.openai.instances.main.api-key: the environment variable NO_SUCH_KEY is not set");
        assertThat(keyed("api-key: \"${NO_SUCH_KEY:}\""))
                .isEqualTo(
                        ":6: gantry.providers.openai.instances.main.api-key: missing; required is a key, or a file with one under api-key-file, or auth: none");
        assertThat(keyed("api-key-file: " + lost))
                .isEqualTo(
                        ":6: gantry.providers.openai.instances.main.api-key-file: %s: there is no such file, did you mean %s?"
                                .formatted(lost, folder.resolve("openai-key")));
    }

    private String keyed(String key) throws IOException {
        Path file = write(PROVIDER.replace("api-key: k", key));
        return failure("--spring.config.location=file:" + file).replace(file.toString(), "");
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("wrong.yml"), yaml);
    }

    private static String failure(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--management.server.port=0"));
        Stream.of(arguments).forEach(all::add);
        Throwable failure = catchThrowable(() -> Commands.startWorker(all).close());

        assertThat(failure).isNotNull();
        return String.valueOf(failure.getMessage());
    }
}
