package dev.gantry.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.handover.GivenRequests.Due;
import dev.gantry.handover.GivenRequests.Lot;
import dev.gantry.inference.SourcePosition;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** Ends are told once, and none before the table has the row that it is the end of. */
class GivenRequestsTest {
    private final GivenRequests given = new GivenRequests();

    @Test
    void anEndThatComesWhileTheRowIsWrittenIsToldAfterwards() {
        Lot lot = given.open(() -> List.of(request(1)));
        given.ended(request(1));
        assertThat(given.due().isEmpty()).isTrue();

        assertThat(given.written(lot)).isTrue();

        assertThat(given.due().done()).containsExactly(request(1));
        given.told(given.due());
        assertThat(given.isEmpty()).isTrue();
    }

    @Test
    @Timeout(60)
    void anEndThatComesWhileItIsFoundOutWhatIsGivenIsNotMissed() throws InterruptedException {
        Thread ends = Thread.ofPlatform().unstarted(() -> given.ended(request(1)));

        Lot lot =
                given.open(
                        () -> {
                            ends.start();
                            while (ends.getState() != Thread.State.BLOCKED && ends.isAlive()) {
                                Thread.onSpinWait();
                            }
                            return List.of(request(1));
                        });
        ends.join();
        given.written(lot);

        assertThat(given.due().done()).containsExactly(request(1));
    }

    @Test
    void whatIsGivenAnewWhileItIsToldThatItWasTakenBackGoesOn() {
        given.failed(given.open(() -> List.of(request(1))));
        Due due = given.due();
        Lot anew = given.open(() -> List.of(request(1)));

        given.told(due);
        given.written(anew);
        given.ended(request(1));

        assertThat(due.givenUp()).containsExactly(request(1));
        assertThat(given.due().done()).containsExactly(request(1));
    }

    @Test
    void whatIsWrittenTooLateIsTakenBackHoweverItEnded() {
        Lot lot = given.open(() -> List.of(request(1), request(2)));
        given.ended(request(1));
        assertThat(given.forsake(lot)).isFalse();
        assertThat(given.due().isEmpty()).isTrue();

        assertThat(given.written(lot)).isFalse();

        assertThat(given.due().givenUp()).containsExactlyInAnyOrder(request(1), request(2));
        assertThat(given.due().done()).isEmpty();
    }

    @Test
    void whatFailedIsTakenBackForItMayBeThereAllTheSame() {
        Lot lot = given.open(() -> List.of(request(1)));

        given.failed(lot);

        assertThat(given.forsake(lot)).isFalse();
        assertThat(given.due().givenUp()).containsExactly(request(1));
    }

    @Test
    void aRowOfWhichNothingIsKnownIsAStranger() {
        given.open(() -> List.of(request(1)));

        assertThat(given.strangers(List.of(request(1), request(2)))).containsExactly(request(2));
    }

    @Test
    void aWorkerThatEndsGivesUpWhatHasNotEnded() {
        given.written(given.open(() -> List.of(request(1), request(2))));
        given.ended(request(1));

        given.giveUpAll();

        assertThat(given.due().done()).containsExactly(request(1));
        assertThat(given.due().givenUp()).containsExactly(request(2));
    }

    /** Any order of writing, failing, ending and telling. */
    @RepeatedTest(200)
    void everyEndIsToldOnceAndNoneBeforeItsRowIsSettled() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Lot> writing = new ArrayList<>();
        Set<SourcePosition> settled = new HashSet<>();
        Set<SourcePosition> told = new HashSet<>();
        List<SourcePosition> running = new ArrayList<>();
        for (int step = 0; step < 60; step++) {
            switch (random.nextInt(5)) {
                case 0 -> {
                    int first = step * 10;
                    List<SourcePosition> requests =
                            IntStream.range(first, first + random.nextInt(4))
                                    .mapToObj(GivenRequestsTest::request)
                                    .toList();
                    writing.add(given.open(() -> requests));
                    running.addAll(requests);
                }
                case 1 -> settle(random, writing, settled);
                case 2, 3 -> end(random, running);
                default -> tell(seed, settled, told);
            }
        }
        while (!writing.isEmpty()) {
            settle(random, writing, settled);
        }
        while (!running.isEmpty()) {
            end(random, running);
        }
        tell(seed, settled, told);

        assertThat(told).as("seed %s", seed).isEqualTo(settled);
        assertThat(given.isEmpty()).isTrue();
    }

    private void settle(Random random, List<Lot> writing, Set<SourcePosition> settled) {
        if (writing.isEmpty()) {
            return;
        }
        Lot lot = writing.remove(random.nextInt(writing.size()));
        if (random.nextBoolean()) {
            given.forsake(lot);
        }
        if (random.nextInt(4) == 0) {
            given.failed(lot);
        } else {
            given.written(lot);
        }
        settled.addAll(lot.requests());
    }

    private void end(Random random, List<SourcePosition> running) {
        if (running.isEmpty()) {
            return;
        }
        SourcePosition ended = running.remove(random.nextInt(running.size()));
        if (random.nextBoolean()) {
            given.ended(ended);
        } else {
            given.givenUp(ended);
        }
    }

    private void tell(long seed, Set<SourcePosition> settled, Set<SourcePosition> told) {
        Due due = given.due();
        List<SourcePosition> all = new ArrayList<>(due.done());
        all.addAll(due.givenUp());
        assertThat(settled).as("seed %s", seed).containsAll(all);
        for (SourcePosition each : all) {
            assertThat(told.add(each)).as("seed %s: %s told twice", seed, each).isTrue();
        }
        given.told(due);
    }

    private static SourcePosition request(long offset) {
        return new SourcePosition("requests", 0, offset, offset * 10);
    }
}
