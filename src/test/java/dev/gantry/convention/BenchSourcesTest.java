package dev.gantry.convention;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Only {@code mvn -Pbench} compiles the benchmarks. Here they are held to what they measure,
 * without the few that need a baseline's library, which is fetched there.
 */
class BenchSourcesTest {
    private static final Path BENCH = Path.of("src/bench/java");
    private static final List<String> FETCHED =
            List.of("import io.confluent.", "import reactor.kafka.");

    @Test
    void theyCompile() throws IOException {
        DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(said, Locale.ROOT, StandardCharsets.UTF_8)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    files,
                                    said,
                                    options(),
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources()));
            var _ = task.analyze();
        }

        assertThat(said.getDiagnostics())
                .filteredOn(each -> each.getKind() == Diagnostic.Kind.ERROR)
                .isEmpty();
    }

    private static List<String> options() {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        return List.of("-proc:none", "-classpath", classPath);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(BENCH)) {
            List<Path> sources =
                    files.filter(each -> each.toString().endsWith(".java"))
                            .filter(BenchSourcesTest::isCompleteHere)
                            .toList();
            assertThat(sources).hasSizeGreaterThan(30);
            return sources;
        }
    }

    private static boolean isCompleteHere(Path source) {
        try {
            return FETCHED.stream().noneMatch(Files.readString(source)::contains);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
