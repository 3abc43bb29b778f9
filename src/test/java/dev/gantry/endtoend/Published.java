package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.MeterReadings;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What a fleet has said of its requests. One thread uses it. */
final class Published implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final TopicReader results;
    private final TopicReader metering;
    private final Map<String, List<JsonNode>> byRequest = new HashMap<>();
    private int parsed;

    /** One attempt, as the meter's last word has it. */
    record Try(
            String request,
            String lane,
            String kind,
            String worker,
            Instant started,
            Instant ended) {
        private static Try of(JsonNode reading) {
            JsonNode ended = reading.at("/ended_at");
            return new Try(
                    reading.at("/request_id").asString(),
                    reading.at("/lane").asString(),
                    reading.at("/attempt_kind").asString(),
                    reading.at("/worker").asString(),
                    Instant.parse(reading.at("/started_at").asString()),
                    ended.isString() ? Instant.parse(ended.asString()) : Instant.MAX);
        }

        boolean probe() {
            return kind.equals("probe");
        }
    }

    Published(Fleet fleet) {
        this.results = fleet.read("results");
        this.metering = fleet.read("metering");
    }

    /** Waits for a result of each; fails if one has none, or two that differ in id. */
    List<JsonNode> resultsOf(Collection<String> requests) {
        results.until(
                "a result of each of " + requests.size() + " requests",
                seen -> index(seen).keySet().containsAll(requests));
        List<JsonNode> ends = new ArrayList<>();
        for (String request : requests) {
            List<JsonNode> said = byRequest.getOrDefault(request, List.of());
            Set<String> ids = new HashSet<>();
            said.forEach(each -> ids.add(each.at("/id").asString()));
            assertThat(ids).as("results of %s", request).hasSize(1);
            ends.add(said.getFirst());
        }
        return ends;
    }

    /** The same, and each must have succeeded, without being done twice. */
    List<JsonNode> successesOf(Collection<String> requests) {
        List<JsonNode> ends = resultsOf(requests);
        assertThat(ends)
                .allSatisfy(
                        each ->
                                assertThat(each.at("/gantry/outcome").asString())
                                        .as("%s", each)
                                        .isEqualTo("succeeded"));
        return ends;
    }

    /** Waits until so many of them have a result. */
    void awaitResults(Collection<String> requests, int least) {
        results.until(
                least + " results",
                seen -> requests.stream().filter(index(seen)::containsKey).count() >= least);
    }

    /** Waits until enough is known of the lane's attempts, in the order of their beginning. */
    List<Try> awaitTries(String lane, String what, Predicate<List<Try>> enough) {
        return tries(lane, metering.until(what, seen -> enough.test(tries(lane, seen))));
    }

    List<Try> tries(String lane) {
        return tries(lane, metering.all());
    }

    private Map<String, List<JsonNode>> index(List<ConsumerRecord<byte[], byte[]>> seen) {
        for (; parsed < seen.size(); parsed++) {
            JsonNode result = JSON.readTree(seen.get(parsed).value());
            byRequest
                    .computeIfAbsent(result.at("/custom_id").asString(), _ -> new ArrayList<>())
                    .add(result);
        }
        return byRequest;
    }

    private static List<Try> tries(String lane, List<ConsumerRecord<byte[], byte[]>> seen) {
        return MeterReadings.last(seen.stream().map(ConsumerRecord::value)).values().stream()
                .filter(each -> each.at("/lane").asString().equals(lane))
                .map(Try::of)
                .sorted(Comparator.comparing(Try::started))
                .toList();
    }

    @Override
    public void close() {
        results.close();
        metering.close();
    }
}
