package dev.gantry.cli.result;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Adds up what the metering topic says of a batch's calls, those of workers that died among them:
 * of each attempt the greatest version counts, in whatever order they come.
 *
 * <p>Guarded by itself: one thread reads, another shows.
 */
public final class BatchMeter {
    /** Amounts are kept in units of the twelfth digit, which is the last that the meter has. */
    private static final int DIGITS = 12;

    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE, DIGITS);
    private static final int DISPATCHED = 10_000_000;
    private static final int KINDS = 0xff;

    private final BatchId batch;
    private final ExpectedIds expectedIds;
    private final LanePaces paces = new LanePaces();
    // Beside each attempt: its version and kind, and its amount or bound.
    private final Fingerprints attempts = new Fingerprints(2);
    private final long[] counts = new long[2 * OPEN];
    private final BigDecimal[] sums = new BigDecimal[2 * OPEN];

    // What is known of an attempt's cost, as a number beside its version.
    private static final int KNOWN = 0;
    private static final int NO_PRICE = 1;
    private static final int IN_DOUBT = 2;

    /** In doubt, and nothing bounds it. */
    private static final int UNBOUNDED = 3;

    /** Added to the above while only dispatched: under way, or of a worker that died. */
    private static final int OPEN = 4;

    /**
     * @param expectedIds the batch's requests: what others did under its id is not the batch's
     */
    public BatchMeter(BatchId batch, ExpectedIds expectedIds) {
        this.batch = batch;
        this.expectedIds = expectedIds;
        Arrays.fill(sums, BigDecimal.ZERO);
    }

    /**
     * The sums.
     *
     * @param usd of the calls whose cost is known
     * @param noPrice calls of lanes that have none
     * @param inDoubt calls that may have been billed: nobody has told how they ended, or at what
     *     cost
     * @param atMost what those in doubt come to at most, as far as that is known
     * @param unbounded how many of them have no bound
     */
    public record Sums(
            BigDecimal usd, long noPrice, long inDoubt, BigDecimal atMost, long unbounded) {}

    /** Takes a value of the metering topic; one that cannot be read is passed over. */
    public synchronized void take(byte[] value, Instant now) {
        try {
            JsonNode reading = JsonMapper.shared().readTree(value);
            String id = reading.path("attempt_id").asString("");
            if (!id.isEmpty() && isOurs(reading)) {
                add(id, reading, now);
            }
        } catch (JacksonException _) {
            // Somebody else's.
        }
    }

    private boolean isOurs(JsonNode reading) {
        return batch.value().equals(reading.path("batch_id").asString(""))
                && expectedIds.mayStandAt(
                        reading.path("custom_id").asString(""),
                        reading.path("source_partition").asInt(-1),
                        reading.path("source_offset").asLong(-1));
    }

    private void add(String id, JsonNode reading, Instant now) {
        int version = reading.path("version").asInt(0);
        int at = attempts.put(id);
        long before = attempts.data(at, 0);
        if (version <= before >>> Byte.SIZE) {
            return;
        }
        if (before != 0) {
            count((int) before & KINDS, -1, attempts.data(at, 1));
        }
        int kind = kind(reading.path("cost"), reading.path("price"), version);
        long amount = amount(reading.path("cost"), kind);
        attempts.data(at, 0, (long) version << Byte.SIZE | kind);
        attempts.data(at, 1, amount);
        count(kind, 1, amount);
        if (version > DISPATCHED) {
            paces.ended(
                    reading.path("lane").asString("unknown"),
                    reading.path("outcome").asString(""),
                    reading.path("error_kind").asString(""),
                    now);
        }
    }

    private static int kind(JsonNode cost, JsonNode price, int version) {
        if (money(cost.path("amount")) != null) {
            return KNOWN;
        }
        int open = version <= DISPATCHED ? OPEN : 0;
        if (money(cost.path("upper_bound")) != null) {
            return open + IN_DOUBT;
        }
        return open + (price.hasNonNull("missing_reason") ? NO_PRICE : UNBOUNDED);
    }

    private static long amount(JsonNode cost, int kind) {
        BigDecimal usd = money(cost.path(kind == KNOWN ? "amount" : "upper_bound"));
        return usd == null
                ? 0
                : usd.setScale(DIGITS, RoundingMode.CEILING).min(MOST).unscaledValue().longValue();
    }

    private static @Nullable BigDecimal money(JsonNode text) {
        return text.isString() ? ResultReading.money(text.asString()) : null;
    }

    private void count(int kind, int by, long amount) {
        counts[kind] += by;
        sums[kind] = sums[kind].add(BigDecimal.valueOf(by * amount, DIGITS));
    }

    /** Calls that have begun and of whose end nothing is known. */
    public synchronized long open() {
        return counts[OPEN + IN_DOUBT] + counts[OPEN + UNBOUNDED] + counts[OPEN + NO_PRICE];
    }

    /** Nobody calls any more: what is open stays in doubt. */
    public synchronized Sums sums() {
        long unbounded = counts[UNBOUNDED] + counts[OPEN + UNBOUNDED];
        return new Sums(
                sums[KNOWN],
                counts[NO_PRICE] + counts[OPEN + NO_PRICE],
                counts[IN_DOUBT] + counts[OPEN + IN_DOUBT] + unbounded,
                sums[IN_DOUBT].add(sums[OPEN + IN_DOUBT]),
                unbounded);
    }

    /** Takes a waiting event: all lanes of a request are benched. */
    public synchronized void waits(byte[] event, Instant now) {
        try {
            JsonNode said = JsonMapper.shared().readTree(event);
            paces.benched(time(said.path("until")), time(said.path("deadline")), now);
        } catch (JacksonException _) {
            // Somebody else's.
        }
    }

    private static @Nullable Instant time(JsonNode text) {
        try {
            return Instant.parse(text.asString(""));
        } catch (DateTimeParseException _) {
            return null;
        }
    }

    /**
     * What requests wait for, as far as calls and events of late tell; null: they do not.
     *
     * @param unanswered requests that are on the topic and have no result
     */
    public synchronized @Nullable String waiting(long unanswered, Instant now) {
        long waiting = unanswered - open();
        String why = waiting <= 0 ? null : paces.reason(now);
        return why == null ? null : String.format(Locale.ROOT, "%,d wait: %s", waiting, why);
    }
}
