package dev.gantry.observe;

import static java.util.Objects.requireNonNull;

import dev.gantry.admission.WaitReason;
import dev.gantry.event.ResultOutcome;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Usage;
import dev.gantry.metering.MeterReading;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What became of one topic's requests on this worker, and what they used of each provider. Counters
 * are looked up once each: the registry's own lookup builds an id each time.
 */
final class TopicUsage {
    private final MeterRegistry registry;
    private final String topic;
    private final Map<String, Counter> ended = new ConcurrentHashMap<>();
    private final Map<FailureCode, Counter> failed = new EnumMap<>(FailureCode.class);
    private final Map<WaitReason, Counter> waits = new EnumMap<>(WaitReason.class);
    private final Map<String, Spend> spends = new ConcurrentHashMap<>();

    private record Spend(Counter cost, Counter input, Counter output) {}

    /** All but what is spent is there from the start: a first one is seen as a rise from 0. */
    TopicUsage(String topic, MeterRegistry registry) {
        this.topic = topic;
        this.registry = registry;
        for (FailureCode code : FailureCode.values()) {
            failed.put(code, failure(code));
            ended.computeIfAbsent(ResultOutcome.word(code), this::outcome);
        }
        for (WaitReason reason : WaitReason.values()) {
            waits.put(reason, wait(reason));
        }
        for (String word : List.of("succeeded", "refused", "abandoned")) {
            ended.computeIfAbsent(word, this::outcome);
        }
    }

    /**
     * A request has ended, or was given back.
     *
     * @param word of its result
     */
    void ended(String word) {
        ended.computeIfAbsent(word, this::outcome).increment();
    }

    void failed(FailureCode code) {
        ended(ResultOutcome.word(code));
        requireNonNull(failed.get(code)).increment();
    }

    void waits(WaitReason reason) {
        requireNonNull(waits.get(reason)).increment();
    }

    void spent(String provider, MeterReading reading) {
        Spend spend = spends.computeIfAbsent(provider, this::spend);
        BigDecimal amount = reading.bill().cost().amount();
        if (amount != null) {
            spend.cost().increment(amount.doubleValue());
        }
        Usage usage = reading.count().usage();
        if (usage != null) {
            LaneUsage.add(spend.input(), usage.input());
            LaneUsage.add(spend.output(), usage.output());
        }
    }

    private Spend spend(String provider) {
        Counter cost =
                Counter.builder("gantry.topic.cost.usd")
                        .description("cost of a topic's requests as far as it is known, in USD")
                        .tags("topic", topic, "provider", provider)
                        .register(registry);
        return new Spend(cost, tokens(provider, "input"), tokens(provider, "output"));
    }

    private Counter tokens(String provider, String kind) {
        return Counter.builder("gantry.topic.tokens")
                .description("tokens of a topic's requests, as providers counted them")
                .tags("topic", topic, "provider", provider, "kind", kind)
                .register(registry);
    }

    private Counter failure(FailureCode code) {
        return Counter.builder("gantry.requests.failed")
                .description("requests that have an error instead of an answer")
                .tags("topic", topic, "code", code.label())
                .register(registry);
    }

    private Counter wait(WaitReason reason) {
        return Counter.builder("gantry.waits")
                .description("times a request stood in line")
                .tags("topic", topic, "why", reason.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private Counter outcome(String word) {
        return Counter.builder("gantry.requests")
                .description("requests that have ended, or were given back")
                .tags("topic", topic, "outcome", word)
                .register(registry);
    }
}
