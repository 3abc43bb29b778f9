package dev.gantry.cli.result;

import dev.gantry.cli.result.ResultLine.Tokens;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of a batch.
 *
 * @param requests how many it has
 * @param ids how far its ids are to be trusted
 * @param resume the command line that gathers the rest, null where all is there
 */
public record Summary(
        BatchId batch,
        long requests,
        long succeeded,
        long failed,
        Work work,
        Cost cost,
        Times times,
        Files files,
        Ids ids,
        @Nullable String resume) {

    /** Of what a harvest has come to. */
    public static Summary of(
            CollectedResults collectedResults,
            BatchId batch,
            BatchMeter.@Nullable Sums meter,
            Files files,
            Ids ids,
            @Nullable String resume) {
        BatchTotals totals = collectedResults.totals();
        return new Summary(
                batch,
                collectedResults.size(),
                totals.succeeded(),
                totals.failed(),
                totals.work(),
                totals.cost(meter),
                totals.times(),
                files,
                ids,
                resume);
    }

    /**
     * Where they are.
     *
     * @param receipt null where none was written
     */
    public record Files(ResultFiles.Paths results, @Nullable Path receipt) {}

    /**
     * What others did under the batch's id.
     *
     * @param proof why requests are taken for the batch's
     * @param doubles requests with the id of an earlier one; the answer to that one counts
     * @param others requests and results of others that were left out
     * @param missing requests that were to be sent and are not on the topic
     */
    public record Ids(BatchProof proof, long doubles, long others, long missing) {}

    /**
     * What was done for it.
     *
     * @param outcomes requests by outcome
     * @param failures requests that failed by error code or HTTP status
     * @param attempts by lane, then by status or error kind
     */
    public record Work(
            Map<String, Long> outcomes,
            Map<String, Long> failures,
            Map<String, Map<String, Long>> attempts,
            Tokens tokens) {
        public Work {
            outcomes = sorted(outcomes);
            failures = sorted(failures);
            attempts = sorted(attempts);
        }

        private static <V> Map<String, V> sorted(Map<String, V> map) {
            return Collections.unmodifiableMap(new TreeMap<>(map));
        }
    }

    /**
     * What it cost.
     *
     * @param usd of the attempts that results name, as far as known
     * @param unknown attempts of these whose cost is not known and not in the sum
     * @param meter of all calls, those of workers that died included; null: it could not be read
     */
    public record Cost(BigDecimal usd, long unknown, BatchMeter.@Nullable Sums meter) {}

    /** Percentiles are null where no result named the time. */
    public record Times(
            Duration elapsed,
            @Nullable Duration tookP50,
            @Nullable Duration tookP95,
            @Nullable Duration queuedP50,
            @Nullable Duration queuedP95) {}

    long answered() {
        return succeeded + failed;
    }

    /** Answers per second, 0 where no time passed. */
    public double rate() {
        double seconds = times.elapsed().toMillis() / 1000.0;
        return seconds <= 0 ? 0 : answered() / seconds;
    }
}
