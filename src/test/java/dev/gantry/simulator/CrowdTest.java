package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class CrowdTest {
    private static final int CROWD = 2_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void holdsTwoThousandCallsAtOnce() throws Exception {
        try (SimulatedProvider provider =
                SimulatedProvider.start(Script.of(Behaviour.always(new Fault.Hang(false))))) {
            List<BareLine> lines = inParallel(() -> asked(provider));

            assertThat(provider.ledger().awaitUnderWay(CROWD, PATIENCE)).isTrue();
            for (BareLine line : lines) {
                line.close();
            }

            assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
            assertThat(provider.ledger().totals().count(Call.Disposition.HUNG)).isEqualTo(CROWD);
        }
    }

    @Test
    void answersTwoThousandSlowCallsAtOnce() throws Exception {
        Latency latency =
                new Latency.Mixture(
                        List.of(
                                new Latency.Part(2, new Latency.Fixed(Duration.ofSeconds(2))),
                                new Latency.Part(98, new Latency.Fixed(Duration.ofSeconds(1)))));
        try (SimulatedProvider provider =
                SimulatedProvider.start(Script.of(Behaviour.taking(latency)).seeded(7))) {
            // All at once, however slowly the crowd comes in.
            List<BareLine> lines = inParallel(() -> new BareLine(provider));
            for (BareLine line : lines) {
                line.ask("m");
            }
            List<String> answers = new ArrayList<>();
            for (BareLine line : lines) {
                try (line) {
                    answers.add(line.answer());
                }
            }

            assertThat(answers).allMatch(answer -> answer.startsWith("HTTP/1.1 200 OK"));
            assertThat(provider.ledger().calls())
                    .hasSize(CROWD)
                    .allMatch(call -> call.disposition() == Call.Disposition.ANSWERED)
                    .allMatch(call -> took(call).compareTo(Duration.ofMillis(990)) >= 0);
            assertThat(provider.ledger().mostUnderWay()).isGreaterThan(CROWD / 4);
            assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        }
    }

    private static Duration took(Call call) {
        return Duration.between(call.started(), call.ended());
    }

    private static <T> List<T> inParallel(Callable<T> work) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < CROWD; i++) {
                futures.add(threads.submit(work));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }

    private static BareLine asked(SimulatedProvider provider) throws IOException {
        var line = new BareLine(provider);
        line.ask("m");
        return line;
    }
}
