package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/** {@code bin/gantry}, over a jar that leads to the classes under test. */
@Timeout(120)
class LauncherTest {
    @TempDir Path home;
    private Path lib;
    private Path launcher;

    @BeforeEach
    void layOut() throws IOException {
        lib = Files.createDirectory(home.resolve("lib"));
        launcher = Files.createDirectory(home.resolve("bin")).resolve("gantry");
        Files.copy(Path.of("src/main/sh/gantry"), launcher);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(
                                        System.getProperty("java.class.path")
                                                .split(File.pathSeparator, -1))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (OutputStream jar = Files.newOutputStream(lib.resolve("gantry.jar"))) {
            new JarOutputStream(jar, manifest).close();
        }
    }

    private record Ended(int code, String out, String err) {}

    private Ended run(Path command, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Path out = home.resolve("out");
        Path err = home.resolve("err");
        ProcessBuilder builder = new ProcessBuilder("sh", command.toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        int code =
                builder.directory(home.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start()
                        .waitFor();
        return new Ended(
                code,
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    /** The JVM says so on standard output, which is the command's. */
    @Test
    void aCacheThatDoesNotFitIsPassedOver() throws Exception {
        Files.writeString(lib.resolve("gantry.aot"), "made by another JVM");

        Ended ended = run(launcher, Map.of(), "version");

        assertThat(ended.code()).isZero();
        assertThat(ended.out()).startsWith("gantry 0.1.0").hasLineCount(1);
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void aLinkLeadsToItAndExitCodesComeBack() throws Exception {
        Path link = Files.createSymbolicLink(home.resolve("g"), Path.of("bin/gantry"));

        Ended ended = run(link, Map.of(), "lanes", "two words", "TARGET");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("two words");
    }

    /** A build goes on without. */
    @Test
    void whereNoCacheCanBeMadeNothingFails() throws Exception {
        Ended ended = run(launcher, Map.of("JAVA_OPTS", "-Xmx1k"), "--make-aot-cache");

        assertThat(ended.code()).isZero();
        assertThat(ended.err()).contains("no AOT cache could be made");
        assertThat(lib.resolve("gantry.aot")).doesNotExist();
    }
}
