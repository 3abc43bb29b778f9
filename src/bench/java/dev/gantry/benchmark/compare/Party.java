package dev.gantry.benchmark.compare;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Those compared. */
enum Party {
    GANTRY(null),
    BARE_LOOP("BareLoop"),
    SPRING_KAFKA("SpringListener"),
    SPRING_KAFKA_ASYNC("SpringAsyncListener"),
    PARALLEL_CONSUMER("ParallelConsumerLoop"),
    REACTOR_KAFKA("ReactorLoop");

    private static final JsonMapper JSON = JsonMapper.shared();

    private final @Nullable String program;

    Party(@Nullable String program) {
        this.program = program;
    }

    /**
     * @param names with commas between; empty: all
     */
    static List<Party> chosen(String names) {
        if (names.isBlank()) {
            return List.of(values());
        }
        return Arrays.stream(names.split(",", -1))
                .map(each -> valueOf(each.strip().toUpperCase(Locale.ROOT).replace('-', '_')))
                .toList();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The baseline's main class, which is not compiled without its library; null: Gantry's. */
    @Nullable String program() {
        return program == null ? null : "dev.gantry.benchmark.baseline." + program;
    }

    /**
     * How many requests it is given where all others get so many: one that calls less at once would
     * not come to an end, and one that waits for the slowest of what it polled takes ten times as
     * long.
     */
    int share(Scenario scenario, int requests, int partitions) {
        int atOnce = scenario.size().inFlight() * scenario.size().workers();
        if (!scenario.size().waits() || atOnce <= partitions) {
            return requests;
        }
        return switch (this) {
            case SPRING_KAFKA -> part(requests, (double) partitions / atOnce);
            case SPRING_KAFKA_ASYNC -> scenario.calm() ? part(requests, 0.25) : requests;
            default -> requests;
        };
    }

    private static int part(int requests, double share) {
        return Math.max(Math.min(requests, 120), (int) (requests * share));
    }

    /** The ids of the calls that led to a result, as the provider's ledger may have them. */
    List<String> attempts(String key, byte[] value, Map<String, ?> ledger) {
        List<String> attempts = new ArrayList<>();
        if (this == GANTRY) {
            JSON.readTree(value)
                    .at("/gantry/attempts")
                    .forEach(each -> attempts.add(each.path("attempt_id").asString("")));
            return attempts;
        }
        for (int each = 0; ledger.containsKey(key + "-" + each); each++) {
            attempts.add(key + "-" + each);
        }
        return attempts;
    }
}
