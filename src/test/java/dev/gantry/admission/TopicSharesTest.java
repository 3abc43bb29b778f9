package dev.gantry.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.inference.WhenBenched;
import dev.gantry.limit.CallSize;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Slots and lanes' queues are divided between topics as their shares say, and nothing lies idle.
 */
class TopicSharesTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");
    private static final List<LaneId> LANES =
            IntStream.range(0, 10).mapToObj(each -> lane("p" + each)).toList();
    private static final LaneId A = LANES.getFirst();
    private static final LaneId B = LANES.getLast();

    private volatile Instant now = START;
    private final Circuits circuits =
            Circuits.localOnly(
                    CircuitSettings.DEFAULT,
                    LANES.stream()
                            .map(
                                    each ->
                                            new ScopeMembership(
                                                    each, each.provider(), QuotaScope.LANE))
                            .toList(),
                    () -> now);
    private final Map<String, TopicShare> shares =
            new HashMap<>(
                    Map.of(
                            "urgent", new TopicShare(8, Integer.MAX_VALUE),
                            "bulk", new TopicShare(2, Integer.MAX_VALUE)));

    /** Topics in the order in which their requests were let go, and the permits they hold. */
    private final List<String> served = new ArrayList<>();

    private final Deque<Permit> held = new ArrayDeque<>();

    @Test
    void aFreedSlotGoesToTheTopicWhoseTurnItIs() {
        AdmissionControl admission = admission(10);
        ask(admission, "bulk", 200, A);
        ask(admission, "urgent", 60, A);

        free(admission, 50);

        // Ten bulk requests had the slots before anybody else came.
        assertThat(served.subList(0, 10)).containsOnly("bulk");
        assertThat(count("urgent", 10, 60)).isBetween(38, 42);
        free(admission, 100);
        assertThat(served).filteredOn("urgent"::equals).hasSize(60);
    }

    @Test
    void moreLanesGiveATopicNoMoreSlots() {
        AdmissionControl admission = admission(10);
        for (LaneId lane : LANES.subList(0, 9)) {
            ask(admission, "bulk", 30, lane);
        }
        ask(admission, "urgent", 60, B);

        free(admission, 50);

        assertThat(count("urgent", 10, 60)).isBetween(38, 42);
    }

    @Test
    void aSmallBatchNeverWaitsBehindALargeOneOfAnotherTopic() {
        shares.clear(); // equal ones
        AdmissionControl admission = admission(10);
        ask(admission, "large", 5_000, A);
        ask(admission, "small", 20, A);

        free(admission, 40);

        assertThat(served).filteredOn("small"::equals).hasSizeGreaterThanOrEqualTo(19);
    }

    @Test
    void whatOneTopicCannotUseTheOtherGets() {
        AdmissionControl admission = admission(10);
        bench(B, Duration.ofHours(1));
        ask(admission, "bulk", 60, A);
        ask(admission, "urgent", 60, B);

        free(admission, 50);

        assertThat(served).hasSize(60).containsOnly("bulk");
        assertThat(admission.slotsHeld()).isEqualTo(10);
    }

    @Test
    void aLanesQueueIsDividedWhileThereAreSlotsEnough() {
        AdmissionControl admission = admission(1_000);
        bench(A, Duration.ofSeconds(10));
        ask(admission, "bulk", 100, A);
        ask(admission, "urgent", 100, A);
        assertThat(served).isEmpty();

        pass(admission, Duration.ofSeconds(11));
        for (int each = 0; each < 200 && served.size() < 50; each++) {
            pass(admission, Duration.ofMillis(100));
            free(admission, held.size());
        }

        assertThat(count("urgent", 0, 50)).isBetween(37, 43);
    }

    @Test
    void aTopicAtItsBoundWaitsAlone() {
        shares.put("bulk", new TopicShare(2, 3));
        AdmissionControl admission = admission(10);
        ask(admission, "bulk", 6, A);
        ask(admission, "urgent", 4, A);

        assertThat(served).filteredOn("bulk"::equals).hasSize(3);
        assertThat(served).filteredOn("urgent"::equals).hasSize(4);
        free(admission, 1);
        assertThat(served).filteredOn("bulk"::equals).hasSize(4);
        shares.put("bulk", new TopicShare(2, 5));
        admission.lookAround();
        assertThat(served).filteredOn("bulk"::equals).hasSizeGreaterThanOrEqualTo(5);
        free(admission, 20);
        assertThat(admission.slotsHeld()).isZero();
        assertThat(served).hasSize(10);
    }

    @Test
    void withinATopicTheDeadlineDecides() {
        AdmissionControl admission = admission(1);
        ask(admission, "bulk", 1, A);
        enter(admission, "late", "urgent", START.plusSeconds(90));
        enter(admission, "soon", "urgent", START.plusSeconds(60));

        free(admission, 2);

        assertThat(served).containsExactly("bulk", "soon", "late");
    }

    private int count(String topic, int from, int to) {
        return (int) served.subList(from, to).stream().filter(topic::equals).count();
    }

    private AdmissionControl admission(int slots) {
        return new AdmissionControl(
                new AdmissionSettings(
                        slots, 1, topic -> shares.getOrDefault(topic, TopicShare.EQUAL)),
                circuits,
                () -> now,
                () -> Duration.between(START, now).toNanos(),
                () -> true);
    }

    private void pass(AdmissionControl admission, Duration time) {
        now = now.plus(time);
        admission.lookAround();
    }

    private void ask(AdmissionControl admission, String topic, int times, LaneId lane) {
        for (int each = 0; each < times; each++) {
            enter(admission, topic, topic, START.plus(Duration.ofHours(24)), lane);
        }
    }

    private void enter(
            AdmissionControl admission,
            String name,
            String topic,
            Instant deadline,
            LaneId... lanes) {
        List<LaneId> all = lanes.length == 0 ? List.of(A) : List.of(lanes);
        var request =
                new AdmissionRequest(
                        all.stream().map(lane -> new Candidate(lane, Instant.MIN)).toList(),
                        deadline,
                        deadline,
                        true,
                        WhenBenched.WAIT,
                        null,
                        new CallSize(500, 500L),
                        topic);
        switch (admission.enter(request, null)) {
            case AdmissionResult.Granted(Permit permit) -> granted(name, permit);
            case AdmissionResult.Waiting(QueuedRequest queued) ->
                    queued.whenOver(() -> granted(name, queued.permit()));
            case AdmissionResult.AllBenched _ -> throw new AssertionError(name);
        }
    }

    private void granted(String name, @Nullable Permit permit) {
        assertThat(permit).isNotNull();
        served.add(name);
        held.add(permit);
    }

    /** So many of the calls end, the oldest first. */
    private void free(AdmissionControl admission, int calls) {
        Stream.generate(held::poll)
                .limit(calls)
                .takeWhile(permit -> permit != null)
                .forEach(
                        permit -> {
                            admission.told(permit, CallFeedback.ANSWERED);
                            admission.leave(permit);
                        });
    }

    /** As a 429 that names its time does. */
    private void bench(LaneId lane, Duration time) {
        circuits.failed(
                lane,
                circuits.now(),
                new LaneFailure(ErrorKind.RATE_LIMIT, Reach.QUOTA, time, "HTTP 429"));
    }

    private static LaneId lane(String provider) {
        return new LaneId(Tier.CLOUD, provider, "main", ModelType.INFERENCE, "m");
    }
}
