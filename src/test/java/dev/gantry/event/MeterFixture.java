package dev.gantry.event;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Allowance;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Caps;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.Tier;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.metering.PriceList;
import dev.gantry.metering.RandomMeters;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What a metering topic may hold: requests of several payers, shuffled, duplicated, in doubt. */
public final class MeterFixture {
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int EXECUTION_LENGTH = 26;
    private static final List<Map<String, String>> CALLERS =
            List.of(Map.of("identity", "user:jo"), Map.of("identity", " "), Map.of());
    private static final List<Map<String, String>> BILLING =
            List.of(Map.of("customer", "acme"), Map.of("customer", ""), Map.of());
    private static final List<LaneId> LANES =
            List.of(
                    MeteringSamples.LANE,
                    MeteringSamples.OTHER_LANE,
                    new LaneId(Tier.CLOUD, "azure", "eu", ModelType.INFERENCE, "gpt-5-mini"));

    private final MeterBody body = new MeterBody(new Origin("fleet", "w-1", "0.1.0"));
    private final Random random;
    private final PriceList prices;

    private MeterFixture(Random random) {
        this.random = random;
        this.prices = RandomMeters.filePrices(random);
    }

    /** One event's value. */
    public static byte[] event(Random random) {
        MeteringEvent event = RandomMeters.event(random, RandomMeters.filePrices(random));
        return new MeterBody(new Origin("fleet", "w-1", "0.1.0")).of(event);
    }

    /** The values of a topic's records, in the order of nobody. */
    public static List<byte[]> topic(Random random, int requests) {
        MeterFixture fixture = new MeterFixture(random);
        List<byte[]> events = new ArrayList<>();
        for (int each = 0; each < requests; each++) {
            events.addAll(fixture.request(each));
        }
        int once = events.size();
        for (int each = 0; each < once / 3; each++) {
            events.add(events.get(random.nextInt(once)));
        }
        Collections.shuffle(events, random);
        return events;
    }

    private List<byte[]> request(int number) {
        InferenceRequest request = submitted(number);
        List<byte[]> events = new ArrayList<>();
        Instant start = MeteringSamples.STARTED.plusSeconds(random.nextInt(10_000));
        int attempts = 1 + random.nextInt(3);
        for (int each = 1; each <= attempts; each++) {
            Attempt.Dispatch dispatch = dispatch(request, each, start.plusSeconds(each));
            events.add(body.of(MeteringEvent.dispatched(request, dispatch, prices)));
            if (random.nextInt(10) > 0) {
                Attempt attempt = RandomMeters.attempt(random, dispatch);
                AttemptFate fate =
                        each == attempts && attempt.succeeded()
                                ? AttemptFate.SELECTED
                                : AttemptFate.UNSELECTED;
                events.add(body.of(MeteringEvent.ended(request, attempt, fate, prices)));
            }
        }
        return events;
    }

    private InferenceRequest submitted(int number) {
        InferenceRequest sample = MeteringSamples.request();
        RequestOptions plain = sample.options();
        RequestOptions options =
                new RequestOptions(
                        null,
                        null,
                        CALLERS.get(random.nextInt(CALLERS.size())),
                        BILLING.get(random.nextInt(BILLING.size())),
                        Map.of(),
                        null,
                        plain.sensitivity(),
                        null,
                        plain.prefer(),
                        plain.constraints(),
                        plain.intent(),
                        Caps.NONE,
                        Allowance.ALL);
        StringBuilder execution = new StringBuilder();
        while (execution.length() < EXECUTION_LENGTH) {
            execution.append(BASE32.charAt(random.nextInt(BASE32.length())));
        }
        return new InferenceRequest(
                RequestId.of(null, "job-" + number),
                "job-" + number,
                null,
                sample.source(),
                execution.toString(),
                sample.operation(),
                sample.body(),
                options,
                sample.deadline(),
                sample.trace(),
                sample.receivedAt());
    }

    private Attempt.Dispatch dispatch(InferenceRequest request, int number, Instant start) {
        LaneId lane = LANES.get(random.nextInt(LANES.size()));
        return new Attempt.Dispatch(
                request.attempt(number),
                number == 1 ? AttemptKind.PRIMARY : AttemptKind.FAILOVER,
                lane,
                new Adaptation(lane.model(), null, List.of()),
                "weight",
                start,
                start.plus(Duration.ofSeconds(30)),
                12L,
                800L,
                null,
                null);
    }
}
