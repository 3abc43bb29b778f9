package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.BilledTokens;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.Call.Disposition;
import dev.gantry.testbed.ConsumedRecord;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The count itself: it finds each way in which a promise can be broken, and nothing else. */
class ReconciliationTest {
    private static final String FINAL =
            "\"evidence\":\"final\",\"version\":30000000,\"selected\":true,"
                    + "\"usage\":{\"input_tokens\":10,\"output_tokens\":20},"
                    + "\"cost\":{\"state\":\"final\",\"amount\":\"0.0000425\"}";
    private static final String DISPATCHED =
            "\"evidence\":\"dispatched\",\"version\":10000000,"
                    + "\"cost\":{\"state\":\"unknown\",\"upper_bound\":\"0.001\"}";

    private final Map<String, Integer> requests = new HashMap<>(Map.of("r", 1));
    private final List<ConsumedRecord> results =
            new ArrayList<>(List.of(result("id-r", "r", "a~1")));
    private final List<ConsumedRecord> meters =
            new ArrayList<>(
                    List.of(meter("a~1", 1, "w-1-x", DISPATCHED), meter("a~1", 3, "w-1-x", FINAL)));
    private final List<ConsumedRecord> audits = new ArrayList<>(List.of(audit("a~1")));
    private final List<Call> calls = new ArrayList<>(List.of(call("a~1", 10, 20)));
    private final Set<String> killed = new HashSet<>();

    @Test
    void findsNothingWhereAllIsInOrder() {
        assertThat(findings()).isEmpty();
    }

    @Test
    void findsARequestWithoutAResult() {
        requests.put("lost", 1);

        assertThat(findings()).containsExactly("lost: 1 requests, 0 results");
    }

    @Test
    void findsASecondResultAndOneOfNoRequest() {
        results.add(result("other", "r", "a~1"));
        results.add(result("id-x", "x", "a~1"));

        assertThat(findings())
                .containsExactlyInAnyOrder("r: 1 requests, 2 results", "x: a result of no request");
    }

    @Test
    void allowsCopiesThatAreTheSameByteForByte() {
        results.add(results.getFirst());
        meters.add(meters.getLast());

        assertThat(findings()).isEmpty();
    }

    @Test
    void findsCopiesThatDifferUnlessAKilledWorkerMadeOne() {
        results.add(result("id-r", "r", "b~1"));
        meters.add(meter("b~1", 3, "w-2-x", FINAL));
        audits.add(audit("b~1"));
        calls.add(call("b~1", 10, 20));

        assertThat(findings()).containsExactly("id-r: copies of a result differ");
        killed.add("w-1");
        assertThat(findings()).isEmpty();
    }

    @Test
    void findsTwoMetersWithOneIdThatDiffer() {
        meters.add(meter("a~1", 3, "w-9-x", FINAL));

        assertThat(findings()).containsExactly("a~1/3: two records with one ce_id differ");
    }

    @Test
    void findsACallOfWhichTheMeterDoesNotKnow() {
        calls.add(call("unknown~1", 1, 1));

        assertThat(findings())
                .containsExactly("unknown~1: the provider was called and the meter does not know");
    }

    @Test
    void findsTokensThatTheProviderDidNotBill() {
        calls.set(0, call("a~1", 10, 21));

        assertThat(findings()).containsExactly("a~1: metered other tokens than billed");
    }

    @Test
    void findsAnAmountThatTheProviderDidNotBill() {
        meters.set(1, meter("a~1", 3, "w-1-x", FINAL.replace("0.0000425", "0.0000424")));

        assertThat(findings())
                .containsExactly("a~1: metered another amount than billed: 0.0000425");
    }

    @Test
    void findsACallThatWasBilledThoughMeteredAsFree() {
        meters.set(
                1,
                meter(
                        "a~1",
                        3,
                        "w-1-x",
                        FINAL.replace("\"state\":\"final\"", "\"state\":\"not_billable\"")));

        assertThat(findings()).containsExactly("a~1: billed, and metered as not billable");
    }

    @Test
    void allowsAnAttemptInDoubtOnlyToAKilledWorkerAndWithinItsBound() {
        meters.add(meter("b~1", 1, "w-2-x", DISPATCHED));
        calls.add(call("b~1", 10, 20));

        assertThat(findings())
                .containsExactly("b~1: the last word is dispatched, though its worker lived");
        killed.add("w-2");
        assertThat(findings()).isEmpty();
        calls.set(1, call("b~1", 0, 501));
        assertThat(findings()).containsExactly("b~1: billed above its upper bound");
    }

    @Test
    void findsAPriceWithoutACallAndAnEndWithoutAnAudit() {
        calls.clear();
        audits.clear();

        assertThat(findings())
                .containsExactlyInAnyOrder(
                        "a~1: has a price, though the provider never saw it",
                        "a~1: ended without an audit");
    }

    @Test
    void findsAResultWhoseAttemptTheMeterLacksOrDidNotSelect() {
        meters.set(
                1,
                meter("a~1", 3, "w-1-x", FINAL.replace("\"selected\":true", "\"selected\":false")));
        results.set(0, result("id-r", "r", "a~1", "gone~1"));

        assertThat(findings())
                .containsExactlyInAnyOrder(
                        "a~1: the result rests on an attempt that the meter does not call selected",
                        "gone~1: the result lists an attempt that the meter lacks");
    }

    @Test
    void allowsThatTheLastWordOfAKilledWorkerDiedWithIt() {
        meters.remove(1);
        audits.clear();
        assertThat(findings()).isNotEmpty();

        killed.add("w-1");

        assertThat(findings()).isEmpty();
    }

    private List<String> findings() {
        return new Run(requests, results, meters, audits, calls, killed)
                .findings().stream().map(each -> each.subject() + ": " + each.promise()).toList();
    }

    /** The first attempt is the selected one. */
    private static ConsumedRecord result(String id, String customId, String... attempts) {
        StringBuilder listed = new StringBuilder();
        for (int each = 0; each < attempts.length; each++) {
            listed.append(each == 0 ? "" : ",")
                    .append(
                            "{\"index\":%d,\"attempt_id\":\"%s\"}"
                                    .formatted(each + 1, attempts[each]));
        }
        return consumedRecord(
                id,
                "{\"id\":\"%s\",\"custom_id\":\"%s\",\"gantry\":{\"selected\":1,\"attempts\":[%s]}}"
                        .formatted(id, customId, listed));
    }

    private static ConsumedRecord meter(String attempt, int rank, String worker, String rest) {
        return consumedRecord(
                attempt + "/" + rank,
                "{\"attempt_id\":\"%s\",\"custom_id\":\"r\",\"worker\":\"%s\",%s}"
                        .formatted(attempt, worker, rest));
    }

    private static ConsumedRecord audit(String attempt) {
        return consumedRecord("audit-" + attempt, "{\"attempt_id\":\"%s\"}".formatted(attempt));
    }

    private static ConsumedRecord consumedRecord(String id, String json) {
        return new ConsumedRecord(
                id, Map.of("ce_id", id), json, JsonMapper.shared().readTree(json));
    }

    private static Call call(String attempt, long input, long output) {
        return new Call(
                attempt,
                "model",
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                Disposition.ANSWERED,
                200,
                new BilledTokens(input, 0, output, 0),
                true);
    }
}
