package dev.gantry.benchmark.http;

import com.sun.management.OperatingSystemMXBean;

import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;

/**
 * Calls per second and CPU per call of this process, for each client; the server is a process of
 * its own. Three interleaved rounds after a warm-up, medians. Not a test: it checks nothing.
 */
class HttpClientBenchmark {
    private static final int CALLS = Integer.getInteger("calls", 60_000);
    private static final int ROUNDS = 3;
    private static final byte[] BODY =
            "{\"model\":\"small\",\"input\":\"%s\"}"
                    .formatted("x".repeat(995))
                    .getBytes(StandardCharsets.US_ASCII);

    private record Figures(double callsPerSecond, double cpuMicros, int failures) {}

    @Test
    void compare() throws Exception {
        Process server = server();
        try (BufferedReader said =
                        new BufferedReader(
                                new InputStreamReader(
                                        server.getInputStream(), StandardCharsets.UTF_8));
                Contenders all = new Contenders(Integer.parseInt(said.readLine()))) {
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %10s %10s %12s %9s%n",
                    "client",
                    "concurrent",
                    "calls/s",
                    "CPU us/call",
                    "failures");
            compare(all.list(), 64);
            compare(all.list(), 1000);
        } finally {
            server.destroy();
        }
    }

    private static void compare(List<Contender> contenders, int concurrent)
            throws InterruptedException {
        List<List<Figures>> figures = new ArrayList<>();
        for (Contender contender : contenders) {
            measure(contender, concurrent);
            figures.add(new ArrayList<>());
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < contenders.size(); i++) {
                figures.get(i).add(measure(contenders.get(i), concurrent));
            }
        }
        for (int i = 0; i < contenders.size(); i++) {
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %10d %10.0f %12.1f %9d%n",
                    contenders.get(i).name(),
                    concurrent,
                    median(figures.get(i), Figures::callsPerSecond),
                    median(figures.get(i), Figures::cpuMicros),
                    figures.get(i).stream().mapToInt(Figures::failures).sum());
        }
    }

    private static Figures measure(Contender contender, int concurrent)
            throws InterruptedException {
        AtomicInteger left = new AtomicInteger(CALLS);
        AtomicInteger failures = new AtomicInteger();
        long cpu = cpuNanos();
        long start = System.nanoTime();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < concurrent; i++) {
            callers.add(Thread.ofVirtual().start(() -> callOn(contender, left, failures)));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Figures(CALLS / seconds, (cpuNanos() - cpu) / 1e3 / CALLS, failures.get());
    }

    private static void callOn(Contender contender, AtomicInteger left, AtomicInteger failures) {
        while (left.getAndDecrement() > 0) {
            try {
                if (contender.call(BODY) != 1024) {
                    failures.incrementAndGet();
                }
            } catch (Exception e) {
                failures.incrementAndGet();
            }
        }
    }

    private static double median(List<Figures> figures, ToDoubleFunction<Figures> part) {
        return figures.stream().mapToDouble(part).sorted().toArray()[figures.size() / 2];
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static Process server() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        InstantServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** All of them, closed together. */
    private record Contenders(List<Contender> list) implements AutoCloseable {
        Contenders(int port) {
            this(
                    List.of(
                            new JdkContender(port),
                            new ApacheContender(port),
                            new TransportContender(port),
                            new GantryContender(port)));
        }

        @Override
        public void close() throws IOException {
            for (Contender contender : list) {
                contender.close();
            }
        }
    }
}
