package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.JavaProcess;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.Topic;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Whatever goes wrong around a command, a person reads a sentence, and the shell the right code.
 */
@Timeout(120)
class CommandTroubleTest {
    // The second as the jar's manifest has it.
    private static final List<String> JVM_OPTIONS =
            List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED");

    @TempDir Path folder;
    private Path batch;

    @BeforeEach
    void writeBatch() throws IOException {
        batch = Files.writeString(folder.resolve("b.jsonl"), "{\"custom_id\":\"1\",\"body\":{}}\n");
    }

    private record Ended(int code, String output) {
        void isOneSentence(int expected, String... parts) {
            assertThat(code).as(output).isEqualTo(expected);
            assertThat(output.strip()).contains(parts).doesNotContain("\tat ", "WARNING", "\n");
        }
    }

    /**
     * Runs the application as the jar does: by a class loader that is not the JVM's own, which some
     * libraries look at.
     */
    static final class AsInTheJar {
        private AsInTheJar() {}

        static void main(String[] args) throws ReflectiveOperationException {
            URL[] classes = classPath();
            var loader = new URLClassLoader(classes, ClassLoader.getPlatformClassLoader());
            Thread.currentThread().setContextClassLoader(loader);
            loader.loadClass("dev.gantry.Application")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) args);
        }

        private static URL[] classPath() {
            List<URL> urls = new ArrayList<>();
            for (String each :
                    System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                try {
                    urls.add(Path.of(each).toUri().toURL());
                } catch (MalformedURLException e) {
                    throw new IllegalStateException(e);
                }
            }
            return urls.toArray(URL[]::new);
        }
    }

    @Test
    void aNameThatTheLocaleCannotWrite() throws Exception {
        Ended submit =
                shell(
                        "exec \"$@\" submit \"$(printf 'b\\303\\251.jsonl')\"",
                        Map.of("LC_ALL", "C"));

        assertThat(submit.code()).as(submit.output()).isEqualTo(2);
        assertThat(submit.output())
                .startsWith("submit: FILE: the name ")
                .contains("LC_ALL=C.UTF-8 helps")
                .doesNotContain("\tat ");
    }

    @Test
    void standardOutputThatTakesNothing() throws Exception {
        Ended full = shell("exec \"$@\" help > /dev/full", Map.of());

        full.isOneSentence(1, "standard output cannot be written");
    }

    /** The loop ends when nobody reads the pipe any more. */
    @Test
    void standardOutputWhoseReaderHasGone() throws Exception {
        Ended gone =
                shell(
                        "{ trap '' PIPE; while echo x; do :; done 2>/dev/null;"
                                + " \"$@\" help; echo \"code $?\" >&2; } | true",
                        Map.of());

        assertThat(gone.output()).isEqualTo("code 0\n");
    }

    @Test
    void lz4WithoutWarnings() throws Exception {
        Ended submit;
        try (Topic requests = Topic.create("lz4", 1);
                Topic results = Topic.create("lz4", 1)) {
            submit =
                    run(
                            AsInTheJar.class.getName(),
                            "submit",
                            batch.toString(),
                            "--no-wait",
                            "--batch-id",
                            "quiet",
                            "--spring.kafka.bootstrap-servers=" + SharedBroker.bootstrapServers(),
                            "--spring.kafka.producer.compression-type=lz4",
                            "--gantry.topics.requests=" + requests.name(),
                            "--gantry.topics.results=" + results.name());
        }

        assertThat(submit.code()).as(submit.output()).isZero();
        assertThat(submit.output()).contains("sent 1 requests").doesNotContain("WARNING", "Unsafe");
    }

    @Test
    void settingsThatNoClientCanBeMadeOf() throws Exception {
        Ended submit =
                run(
                        "dev.gantry.Application",
                        "submit",
                        batch.toString(),
                        "--no-wait",
                        "--spring.kafka.bootstrap-servers=" + SharedBroker.bootstrapServers(),
                        "--spring.kafka.security.protocol=NONSENSE");

        assertThat(submit.code()).as(submit.output()).isEqualTo(2);
        assertThat(submit.output()).contains("NONSENSE").doesNotContain("\tat ");
    }

    @Test
    void configurationThatIsNotThere() throws Exception {
        String missing = folder.resolve("nope.yml").toString();

        run("dev.gantry.Application", "lanes", "--spring.config.location=file:" + missing)
                .isOneSentence(2, "nope.yml");
        run("dev.gantry.Application", "spool", "--logging.config=" + missing)
                .isOneSentence(2, "nope.yml");
    }

    @Test
    void aDatabaseThatRefuses() throws Exception {
        SharedDatabase.Address address = SharedDatabase.address();
        String nowhere = address.url().replaceFirst("(//[^/]+/)[^?]*", "$1nowhere");

        run(
                        "dev.gantry.Application",
                        "spool",
                        "--spring.datasource.url=" + nowhere,
                        "--spring.datasource.username=" + address.username(),
                        "--spring.datasource.password=" + address.password(),
                        "--spring.datasource.hikari.connection-timeout=1000")
                .isOneSentence(1, "spool: the database does not answer: ", "nowhere");
        run("dev.gantry.Application", "lanes", "--spring.datasource.url=jdbc:nonsense:x")
                .isOneSentence(2, "command line: spring.datasource.url: jdbc:nonsense:x");
    }

    private static Ended run(String main, String... arguments)
            throws IOException, InterruptedException {
        return ended(JavaProcess.builder(JVM_OPTIONS, main, List.of(arguments)));
    }

    /** The script finds the application in its arguments. */
    private static Ended shell(String script, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        command.addAll(
                JavaProcess.builder(JVM_OPTIONS, "dev.gantry.Application", List.of()).command());
        var process = new ProcessBuilder(command);
        process.environment().putAll(environment);
        return ended(process);
    }

    private static Ended ended(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        // A few lines fit into the pipe; a command that waits for ever is cut.
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
