package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Lane;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** What holds of a race however its two calls, and whoever gives them up, come to interleave. */
class RandomRaceTest {
    private static final List<ProviderReply> REPLIES =
            List.of(
                    Replies.OK,
                    Replies.OK,
                    Replies.OK,
                    Replies.BROKEN,
                    Replies.RATE_LIMITED,
                    Replies.TIMED_OUT,
                    Replies.BAD_REQUEST,
                    Replies.BAD_KEY,
                    Replies.FLAGGED,
                    Replies.error(400, "Unsupported parameter: 'temperature'"));

    private static final List<Lane> LANES =
            IntStream.range(0, 5)
                    .mapToObj(each -> lane("frontier:p%d:x:inference:m".formatted(each)).build())
                    .toList();

    /** One request: its loop, and what is under way for it. */
    private static final class Course {
        final LoopFixture loop = new LoopFixture();
        final AtomicInteger underWay = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final List<HeldCall> held = new ArrayList<>();

        /** Each call takes so many microseconds to answer, at least, unless it is cancelled. */
        void script(Lane lane, ProviderReply reply, int micros) {
            var call = new HeldCall();
            held.add(call);
            loop.provider.does(
                    lane,
                    made -> {
                        most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                        try {
                            LockSupport.parkNanos(micros * 1000L);
                            if (micros % 3 != 0) {
                                call.answers(reply);
                            } else {
                                var _ = Thread.startVirtualThread(() -> call.answers(reply));
                            }
                            return call.on(made);
                        } finally {
                            underWay.decrementAndGet();
                        }
                    });
        }
    }

    @Test
    void eachRaceHasOneEndAndEachRequestOneOutcome() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int raced = 0;
        for (int round = 0; round < 1500; round++) {
            String which = "seed %d, round %d".formatted(seed, round);
            int attempts = 1 + random.nextInt(4);
            var course = new Course();
            course.loop.dispatching = _ -> {};
            for (Lane lane : LANES) {
                for (int call = 0; call < 4; call++) {
                    course.script(
                            lane, REPLIES.get(random.nextInt(REPLIES.size())), random.nextInt(40));
                }
            }
            if (random.nextInt(8) == 0) {
                int micros = random.nextInt(60);
                var _ =
                        Thread.startVirtualThread(
                                () -> {
                                    LockSupport.parkNanos(micros * 1000L);
                                    course.loop.cancellation.cancel();
                                });
            }

            Conclusion conclusion =
                    course.loop.run(
                            request()
                                    .members("model", "temperature")
                                    .deadline(TickingClock.START.plusSeconds(100))
                                    .policy(policy(attempts)),
                            settings(),
                            LANES.toArray(Lane[]::new));

            assertSound(course, conclusion, attempts, which);
            raced += course.loop.races.isEmpty() ? 0 : 1;
        }
        assertThat(raced).as("races run, seed %d", seed).isGreaterThan(100);
    }

    private static void assertSound(
            Course course, Conclusion conclusion, int attempts, String which) {
        LoopFixture loop = course.loop;
        assertThat(course.underWay).as(which).hasValue(0);
        assertThat(course.most.get()).as(which).isLessThanOrEqualTo(2);
        assertThat(conclusion.attempts())
                .as("numbered without a gap, %s", which)
                .extracting(each -> each.id().number())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, conclusion.attempts().size()).boxed().toList());
        long races = count(loop, RaceEvent.Started.class);
        long won = count(loop, RaceEvent.Won.class);
        assertThat(count(loop, RaceEvent.Lost.class)).as(which).isEqualTo(races);
        assertThat(won).as(which).isLessThanOrEqualTo(Math.min(races, 1));
        assertThat(kind(conclusion, AttemptKind.HEDGE)).as(which).isEqualTo(races);
        boolean answered = conclusion.outcome() instanceof Outcome.Succeeded;
        assertThat(fates(loop, AttemptFate.SELECTED)).as(which).isEqualTo(answered ? 1 : 0);
        assertThat(fates(loop, AttemptFate.RACE_LOST)).as(which).isLessThanOrEqualTo(1);
        if (conclusion.outcome() instanceof Outcome.Succeeded(Attempt attempt)) {
            assertThat(loop.fates.get(loop.ended.indexOf(attempt)))
                    .as(which)
                    .isEqualTo(AttemptFate.SELECTED);
        }
        if (attempts == 1) {
            assertThat(races).as(which).isZero();
        }
        // Attempts, a repair of each, and what was refused without being billed.
        assertThat(conclusion.attempts().size()).as(which).isLessThanOrEqualTo(5 * 4);
    }

    private static long count(LoopFixture loop, Class<? extends RaceEvent> kind) {
        return loop.races.stream().filter(kind::isInstance).count();
    }

    private static long kind(Conclusion conclusion, AttemptKind kind) {
        return LoopFixture.kinds(conclusion).stream().filter(kind::equals).count();
    }

    private static long fates(LoopFixture loop, AttemptFate fate) {
        return loop.fates.stream().filter(fate::equals).count();
    }

    private static RoutingPolicy policy(int attempts) {
        return new RoutingPolicy(
                "p",
                LANES.stream()
                        .map(
                                each ->
                                        RoutingPolicy.Link.of(
                                                each.id().provider(), "m", null, null, null))
                        .toList(),
                FailoverRules.merged(null, List.of("transient", "auth"), null, attempts, null, 0),
                new RoutingPolicy.Latency(Duration.ZERO, null),
                Caps.NONE,
                RoutingPolicy.DEFAULT_EVENT);
    }
}
