package dev.gantry.metering;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Payload;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Attempts that could be, priced and counted in every way that lists and providers have. */
public final class RandomMeters {
    static final String[] TIERS = {"default", "flex", "priority", "standard", "scale"};
    private static final String[] COUNTERS = {
        "web_search", "citation_tokens", "audio_input_tokens", "cache_write_1h_input_tokens"
    };
    private static final int[] STATUSES = {200, 400, 401, 402, 404, 408, 429, 500, 502, 503, 529};

    private RandomMeters() {}

    public static MeteringEvent event(Random random, PriceList prices) {
        LaneId lane = random.nextInt(8) == 0 ? MeteringSamples.OTHER_LANE : MeteringSamples.LANE;
        InferenceRequest request = MeteringSamples.request();
        Attempt.Dispatch dispatch =
                MeteringSamples.dispatch(
                        1, lane, random.nextInt(4) == 0 ? null : random.nextLong(5_000));
        if (random.nextInt(10) == 0) {
            return MeteringEvent.dispatched(request, dispatch, prices);
        }
        Attempt attempt = attempt(random, dispatch);
        AttemptFate fate =
                switch (random.nextInt(4)) {
                    case 0 -> AttemptFate.UNSELECTED;
                    case 1 -> AttemptFate.RACE_LOST;
                    default -> attempt.succeeded() ? AttemptFate.SELECTED : AttemptFate.UNSELECTED;
                };
        return MeteringEvent.ended(request, attempt, fate, prices);
    }

    public static Attempt attempt(Random random, Attempt.Dispatch dispatch) {
        Answer answer = random.nextInt(4) == 0 ? null : answer(random);
        Attempt.End end =
                answer != null && random.nextBoolean()
                        ? new Attempt.End.Succeeded(answer)
                        : new Attempt.End.Failed(error(random), answer);
        return new Attempt(dispatch, Duration.ofMillis(random.nextInt(900)), end);
    }

    /** One list price, as a configuration has it. */
    static PriceList prices(Random random) {
        Price price = Price.of(rate(random), rate(random), rate(random), rate(random));
        return PriceList.of(Map.of(MeteringSamples.LANE, price), "config", "v");
    }

    /** Steps, service tiers, counters and fees, as a file has them. */
    public static PriceList filePrices(Random random) {
        Map<String, Tariff> tariffs = new HashMap<>();
        tariffs.put(Price.LIST, tariff(random));
        if (random.nextBoolean()) {
            tariffs.put("flex", tariff(random).withStepsOf(tariff(random)));
        }
        Map<String, BigDecimal> units =
                random.nextBoolean() ? Map.of() : Map.of("web_search", new BigDecimal("0.01"));
        BigDecimal fee = random.nextInt(3) == 0 ? new BigDecimal("0.005") : null;
        Price price = new Price(tariffs, units, fee);
        return PriceList.of(Map.of(MeteringSamples.LANE, price), "catalog", "sha256:0123456789ab");
    }

    private static Tariff tariff(Random random) {
        TreeMap<Long, Rates> steps = new TreeMap<>();
        steps.put(Tariff.ALWAYS, rates(random));
        if (random.nextBoolean()) {
            steps.put(random.nextLong(2_000), rates(random));
        }
        return new Tariff(steps);
    }

    private static Rates rates(Random random) {
        Map<TokenKind, BigDecimal> rates = new EnumMap<>(TokenKind.class);
        for (TokenKind kind : TokenKind.values()) {
            BigDecimal rate = rate(random);
            if (rate != null) {
                rates.put(kind, rate);
            }
        }
        return new Rates(rates);
    }

    private static @Nullable BigDecimal rate(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> BigDecimal.ZERO;
            case 2 -> new BigDecimal("1E+1");
            default -> BigDecimal.valueOf(random.nextLong(1_000_000), random.nextInt(9));
        };
    }

    private static Answer answer(Random random) {
        String tier = random.nextInt(3) == 0 ? TIERS[random.nextInt(TIERS.length)] : null;
        Usage usage = random.nextInt(3) == 0 ? null : usage(random);
        int status = STATUSES[random.nextInt(STATUSES.length)];
        return new Answer(status, Payload.opaque(new byte[0]), null, null, null, null, tier, usage);
    }

    /** Not always sound: parts may exceed their totals, and counts may be negative. */
    private static Usage usage(Random random) {
        Map<String, Long> counters =
                random.nextInt(4) == 0
                        ? Map.of(COUNTERS[random.nextInt(COUNTERS.length)], random.nextLong(3))
                        : Map.of();
        return new Usage(
                count(random, 3_000),
                count(random, 1_000),
                count(random, 1_000),
                count(random, 2_000),
                count(random, 1_000),
                counters,
                null);
    }

    private static @Nullable Long count(Random random, long most) {
        return switch (random.nextInt(12)) {
            case 0, 1 -> null;
            case 2 -> 0L;
            case 3 -> -random.nextLong(10);
            default -> random.nextLong(most);
        };
    }

    private static AttemptError error(Random random) {
        ErrorKind[] kinds = ErrorKind.values();
        return MeteringSamples.error(kinds[random.nextInt(kinds.length)], random.nextBoolean());
    }
}
