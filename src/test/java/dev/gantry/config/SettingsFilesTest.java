package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is read again of a configuration, and what stays as the process has it. */
class SettingsFilesTest {
    private static final String ATTEMPTS = "gantry.routing.max-attempts";

    @TempDir Path folder;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("gantry.yml");
        Files.writeString(file, "gantry.routing.max-attempts: 4\n");
    }

    @Test
    void aFileIsReadAgain() throws IOException {
        ConfigurableEnvironment running = started("file:" + file);
        Files.writeString(file, "gantry.routing.max-attempts: 5\n");

        ConfigurableEnvironment fresh = SettingsFiles.reread(running);

        assertThat(fresh.getProperty(ATTEMPTS)).isEqualTo("5");
        assertThat(running.getProperty(ATTEMPTS)).isEqualTo("4");
        assertThat(fresh.getProperty("spring.application.name")).isEqualTo("gantry");
    }

    @Test
    void theCommandLineStaysAndWins() throws IOException {
        ConfigurableEnvironment running = started("file:" + file);
        running.getPropertySources()
                .addFirst(
                        Environments.withArgument("", ATTEMPTS, "9")
                                .getPropertySources()
                                .iterator()
                                .next());
        Files.writeString(file, "gantry.routing.max-attempts: 5\n");

        assertThat(SettingsFiles.reread(running).getProperty(ATTEMPTS)).isEqualTo("9");
    }

    @Test
    void aFolderOfSecretsIsReadAgain() throws IOException {
        Path key = Files.createDirectories(folder.resolve("tree/gantry/operator")).resolve("token");
        Files.writeString(key, "before");
        ConfigurableEnvironment running = started("configtree:" + folder.resolve("tree") + "/");
        Files.writeString(key, "after");

        ConfigurableEnvironment fresh = SettingsFiles.reread(running);

        assertThat(fresh.getProperty("gantry.operator.token")).isEqualTo("after");
    }

    @Test
    void aFileThatIsGoneIsNamed() throws IOException {
        ConfigurableEnvironment running = started("file:" + file);
        Files.delete(file);

        assertThatThrownBy(() -> SettingsFiles.reread(running))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageContaining("the configuration cannot be read")
                .hasMessageContaining("gantry.yml");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[sk-1: x", "*sk-1", "!sk-1!x y", "{a: \"sk-1\", b", "\"sk-1\\q\"", "@sk-1"})
    void aFileThatIsNoYamlIsNotQuoted(String value) throws IOException {
        ConfigurableEnvironment running = started("file:" + file);
        Files.writeString(file, "gantry:\n  operator:\n    token: " + value + "\n");

        assertThatThrownBy(() -> SettingsFiles.reread(running))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageContaining("no valid YAML at column ")
                .hasMessageNotContaining("sk-1");
    }

    @Test
    void springsOwnKeysAreComparedAsTheyAreWritten() throws IOException {
        Files.writeString(file, "spring.kafka.bootstrap-servers: one:1\nmine: 1\n");
        ConfigurableEnvironment running = started("file:" + file);
        Files.writeString(file, "spring.kafka.bootstrap-servers: two:1\nmine: 2\n");

        assertThat(SettingsFiles.changedSpringKeys(running, SettingsFiles.reread(running)))
                .containsExactly("spring.kafka.bootstrap-servers");
        assertThat(SettingsFiles.changedSpringKeys(running, running)).isEmpty();
    }

    /** As the example for Kubernetes has a password. */
    @Test
    void springsOwnKeysAreComparedAsTheyAreResolvedToo() throws IOException {
        Path secret = Files.createDirectories(folder.resolve("tree/kafka")).resolve("password");
        Files.writeString(secret, "before");
        Files.writeString(
                file,
                """
                spring:
                  config.import: "configtree:%s/"
                  kafka.properties: {sasl.jaas.config: "m required password=${kafka.password};"}
                  kafka.client-id: ${A_NAME_THAT_NOBODY_SET}
                """
                        .formatted(folder.resolve("tree")));
        ConfigurableEnvironment running = started("file:" + file);
        ConfigurationPropertySources.attach(running);
        assertThat(running.getProperty("kafka.password")).isEqualTo("before");

        assertThat(SettingsFiles.changedSpringKeys(running, SettingsFiles.reread(running)))
                .isEmpty();
        Files.writeString(secret, "after");

        assertThat(SettingsFiles.changedSpringKeys(running, SettingsFiles.reread(running)))
                .containsExactly("spring.kafka.properties.sasl.jaas.config");
    }

    private static ConfigurableEnvironment started(String location) {
        StandardEnvironment environment =
                Environments.withArgument("", "spring.config.additional-location", location);
        ConfigDataEnvironmentPostProcessor.applyTo(environment);
        return environment;
    }
}
