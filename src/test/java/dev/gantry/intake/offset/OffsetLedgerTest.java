package dev.gantry.intake.offset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;

class OffsetLedgerTest {
    static LongStream seeds() {
        return new Random().longs(100);
    }

    @Test
    void theWatermarkWaitsForTheLowestOpenOffset() {
        OffsetLedger ledger = new OffsetLedger(OffsetMap.none(10));
        ledger.begin(10);
        ledger.begin(11);
        ledger.begin(12);

        ledger.complete(11);
        ledger.complete(12);

        assertThat(ledger.watermark()).isEqualTo(10);
        assertThat(Maps.text(ledger.map())).isEqualTo("10 to 13 without [10]");
    }

    @Test
    void theWatermarkPassesWhatIsDoneAboveIt() {
        OffsetLedger ledger = new OffsetLedger(OffsetMap.none(10));
        ledger.begin(10);
        ledger.begin(11);
        ledger.complete(11);

        ledger.complete(10);

        assertThat(ledger.watermark()).isEqualTo(12);
    }

    @Test
    void anOffsetBelowThePositionIsNoDelivery() {
        OffsetLedger ledger = new OffsetLedger(OffsetMap.none(0));
        ledger.begin(0);
        ledger.complete(0);

        assertThatThrownBy(() -> ledger.begin(0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(ledger.watermark()).isEqualTo(1);
    }

    @Test
    void whatIsCutOffIsForgottenAndWhatIsBelowIsNot() {
        OffsetLedger ledger = new OffsetLedger(Maps.of(10, 20, List.of(10L, 15L, 18L)));
        ledger.begin(10);
        ledger.begin(15);

        ledger.cut(14);

        assertThat(Maps.text(ledger.map())).isEqualTo("10 to 14 without [10]");
        assertThat(ledger.position()).isEqualTo(14);
        assertThat(ledger.complete(15)).isFalse();
        assertThat(ledger.begin(14)).isTrue();
        assertThat(ledger.begin(16)).isTrue();
        assertThat(Maps.text(ledger.map())).isEqualTo("10 to 17 without [10, 14, 16]");
    }

    @Test
    void aCutBelowTheWatermarkStartsOver() {
        OffsetLedger ledger = new OffsetLedger(Maps.of(10, 20, List.of(10L, 15L)));

        ledger.cut(3);

        assertThat(ledger.watermark()).isEqualTo(3);
        assertThat(ledger.begin(3)).isTrue();
        assertThat(Maps.text(ledger.map())).isEqualTo("3 to 4 without [3]");
    }

    @Test
    void aCutAboveAllThatIsKnownChangesNothing() {
        OffsetLedger ledger = new OffsetLedger(Maps.of(10, 20, List.of(10L, 15L)));

        ledger.cut(20);

        assertThat(Maps.text(ledger.map())).isEqualTo("10 to 20 without [10, 15]");
    }

    @Test
    void restoredOffsetsThatAreDoneAreNotWorkedOnAgain() {
        OffsetLedger ledger = new OffsetLedger(Maps.of(5, 9, List.of(5L, 7L)));

        assertThat(ledger.begin(5)).isTrue();
        assertThat(ledger.begin(6)).isFalse();
        assertThat(ledger.begin(7)).isTrue();
        assertThat(ledger.begin(8)).isFalse();
        assertThat(ledger.begin(9)).isTrue();
    }

    @Test
    void restoredKnowledgeAboveTheDeliveredOffsetsSurvivesTheNextCommit() {
        OffsetLedger ledger = new OffsetLedger(Maps.of(5, 500, List.of(5L, 300L)));
        ledger.begin(5);

        OffsetMap next = ledger.map();

        assertThat(Maps.text(next)).isEqualTo("5 to 500 without [5, 300]");
    }

    @Test
    void anOwedOffsetThatNeverComesHoldsNobodyUp() {
        OffsetLedger ledger = new OffsetLedger(Maps.of(5, 9, List.of(5L, 7L)));

        ledger.begin(9);
        ledger.complete(9);

        assertThat(ledger.watermark()).isEqualTo(10);
    }

    @Test
    void offsetsWithoutRecordsArePassedOncePollsWentBeyondThem() {
        OffsetLedger ledger = new OffsetLedger(OffsetMap.none(5));
        ledger.begin(5);
        ledger.complete(5);

        ledger.delivered(8);

        assertThat(ledger.watermark()).isEqualTo(8);
    }

    /**
     * The oracle: over any number of crashes, what was done at the last commit is not repeated and
     * everything else is delivered again, so that delivered ∪ redelivered = produced and nothing is
     * lost.
     */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void nothingIsLostAndNothingCommittedIsRepeatedOverCrashes(long seed) {
        Random random = new Random(seed);
        int produced = 1 + random.nextInt(400);
        Set<Long> done = new TreeSet<>();
        Set<Long> doneAtCommit = new TreeSet<>();
        OffsetMap committed = OffsetMap.none(0);

        for (int life = 0; committed.base() < produced; life++) {
            OffsetLedger ledger = new OffsetLedger(committed);
            // A crash forgets what was done since the last commit.
            Set<Long> known = new TreeSet<>(doneAtCommit);
            List<Long> open = new ArrayList<>();
            int steps = life > 50 ? Integer.MAX_VALUE : random.nextInt(300);
            long position = committed.base();
            for (int step = 0; step < steps; step++) {
                if (position < produced && (open.isEmpty() || random.nextBoolean())) {
                    if (ledger.begin(position)) {
                        assertThat(doneAtCommit).doesNotContain(position);
                        open.add(position);
                    } else {
                        assertThat(known).contains(position);
                    }
                    position++;
                } else if (!open.isEmpty()) {
                    long offset = open.remove(random.nextInt(open.size()));
                    ledger.complete(offset);
                    done.add(offset);
                    known.add(offset);
                } else {
                    break;
                }
                if (random.nextInt(7) == 0) {
                    committed = commit(ledger);
                    doneAtCommit = known;
                    known = new TreeSet<>(known);
                }
            }
            if (position == produced && open.isEmpty()) {
                committed = commit(ledger);
            }
        }

        assertThat(done).hasSize(produced);
    }

    /** Through the wire form, as a broker would keep it. */
    private static OffsetMap commit(OffsetLedger ledger) {
        OffsetMap map = ledger.map();
        return OffsetMap.read(OffsetMapText.write(map, OffsetMapText.MAX_CHARS).text(), map.base());
    }
}
