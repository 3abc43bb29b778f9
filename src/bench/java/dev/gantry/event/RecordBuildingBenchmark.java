package dev.gantry.event;

import dev.gantry.audit.AuditEvent;
import dev.gantry.audit.AuditSettings;
import dev.gantry.audit.ContentPolicy;
import dev.gantry.delivery.Results;
import dev.gantry.delivery.TopicsTest;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.secret.Secret;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the CPU spends on a request's audit, meter and result: run main, read the last lines. */
public final class RecordBuildingBenchmark {
    private static final int CALLS = 200_000;
    private static final int ROUNDS = 6;

    private final InferenceRequest request =
            MeteringSamples.request(
                    MeteringSamples.request().options(),
                    MeteringSamples.body(
                            "[{\"role\":\"user\",\"content\":\"" + "a".repeat(2000) + "\"}]",
                            null));
    private final Attempt attempt;
    private final ContentPolicy content;
    private final Results results;
    private final EventRecords records;

    private RecordBuildingBenchmark(AuditSettings audit) {
        EventSettings settings =
                new EventSettings(
                        new Origin("default", "w-1", "0.1.0"),
                        TopicsTest.settings("t", true),
                        audit,
                        Decisions.ESCALATED,
                        1 << 24);
        this.content = new ContentPolicy(audit);
        this.results = new Results(settings);
        this.records = new EventRecords(settings, content, InstantSource.system());
        String text = "\"" + "b".repeat(2000) + "\"";
        Answer answer =
                MeteringSamples.answer(200, text, MeteringSamples.usage(500L, 100L, null, 300L));
        this.attempt =
                new Attempt(
                        MeteringSamples.dispatch(1, MeteringSamples.LANE),
                        Duration.ofMillis(812),
                        new Attempt.End.Succeeded(answer));
    }

    public static void main(String[] args) {
        for (AuditSettings.Content content : AuditSettings.Content.values()) {
            var benchmark =
                    new RecordBuildingBenchmark(new AuditSettings(content, new Secret("key")));
            double best = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                best = Math.min(best, benchmark.microsPerRequest());
            }
            System.out.printf(
                    Locale.ROOT,
                    "audit %s: %.2f us of CPU per request (audit + meter + result)%n",
                    content,
                    best);
        }
    }

    private double microsPerRequest() {
        var threads = ManagementFactory.getThreadMXBean();
        long bytes = 0;
        long start = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < CALLS; i++) {
            bytes += once();
        }
        long nanos = threads.getCurrentThreadCpuTime() - start;
        if (bytes == 0) {
            throw new AssertionError("nothing was built");
        }
        return nanos / 1000.0 / CALLS;
    }

    private long once() {
        Envelope envelope = records.envelope(request);
        long bytes =
                records.audit(envelope, AuditEvent.of(request, attempt, content)).record().size();
        MeteringEvent meter =
                MeteringEvent.ended(request, attempt, AttemptFate.SELECTED, MeteringSamples.PRICES);
        bytes += records.meter(envelope, meter).record().size();
        Conclusion end = new Conclusion(request, new Outcome.Succeeded(attempt), List.of(attempt));
        Result result =
                results.of(
                        end,
                        Map.of(attempt.id(), meter.reading()),
                        null,
                        MeteringSamples.SUBMITTED.plusSeconds(1));
        return bytes + records.result(envelope, result).size();
    }
}
