package dev.gantry.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process without memory ends and says so, whoever meets the error; in a JVM of its own. */
class ExhaustionTest {
    private static final Pattern CATCHES_ALL =
            Pattern.compile("catch \\((?:Throwable|\\w*Error) (\\w+)\\) \\{[^\n]*\n\\s*([^\n]*)");

    /** Where the heap runs out. */
    enum Place {
        PLATFORM_THREAD,
        VIRTUAL_THREAD,
        CAUGHT,
        CAUGHT_AS_A_CAUSE,
        CAUGHT_IN_A_FULL_HEAP,
        ONE_TOO_LARGE
    }

    /** The process. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws InterruptedException {
            Exhaustion.arm();
            switch (Place.valueOf(arguments[0])) {
                case PLATFORM_THREAD -> Thread.ofPlatform().start(Victim::fill).join();
                case VIRTUAL_THREAD -> Thread.ofVirtual().start(Victim::fill).join();
                case CAUGHT -> caught(false);
                case CAUGHT_AS_A_CAUSE -> caught(true);
                case CAUGHT_IN_A_FULL_HEAP -> caughtInAFullHeap(new ArrayList<>());
                case ONE_TOO_LARGE -> {
                    oneTooLarge();
                    return;
                }
            }
            new CountDownLatch(1).await(); // alive and deaf, if it comes to that
        }

        private static void caught(boolean wrapped) {
            try {
                fill();
            } catch (OutOfMemoryError error) {
                Exhaustion.check(wrapped ? new IllegalStateException("a library", error) : error);
            }
        }

        private static void caughtInAFullHeap(List<byte[]> all) {
            try {
                fill(all);
            } catch (OutOfMemoryError error) {
                Exhaustion.checkHeap(error);
            }
        }

        private static void oneTooLarge() {
            try {
                System.out.println(new byte[1 << 30].length);
            } catch (OutOfMemoryError error) {
                Exhaustion.checkHeap(error);
            }
        }

        private static void fill() {
            fill(new ArrayList<>());
        }

        private static void fill(List<byte[]> all) {
            while (true) {
                all.add(new byte[1 << 16]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "ONE_TOO_LARGE")
    void endsTheProcessWithItsOwnStatusAndASentence(Place place) throws Exception {
        Process process = start(place);
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("it ends").isTrue();

            assertThat(process.exitValue()).isEqualTo(Exhaustion.STATUS);
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("gantry: out of memory", "-Xmx", "Java heap space");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void oneAllocationThatNoHeapCouldHoldIsItsCallersTrouble() throws Exception {
        Process process = start(Place.ONE_TOO_LARGE);
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("it ends").isTrue();

            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void whatIsOneRequestsTroubleEndsNothing() {
        assertThat(Exhaustion.fatal(new StackOverflowError())).isFalse();
        assertThat(Exhaustion.fatal(new AssertionError())).isFalse();
        assertThat(Exhaustion.fatal(new OutOfMemoryError())).isTrue();
        assertThat(Exhaustion.fatal(new InternalError())).isTrue();
    }

    /** Whoever catches whatever comes asks first whether there is a JVM left to go on in. */
    private static Process start(Place place) throws IOException {
        return JavaProcess.builder(
                        List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"),
                        Victim.class.getName(),
                        List.of(place.name()))
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void everyCatchOfEverythingAsksFirst() throws IOException {
        List<String> silent = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
                CATCHES_ALL
                        .matcher(Files.readString(file))
                        .results()
                        .filter(ExhaustionTest::goesOn)
                        .forEach(each -> silent.add(file + ": " + each.group()));
            }
        }
        assertThat(silent).isEmpty();
    }

    private static boolean goesOn(MatchResult found) {
        return !found.group(2).matches("Exhaustion\\.check(Heap)?\\(" + found.group(1) + "\\);");
    }
}
