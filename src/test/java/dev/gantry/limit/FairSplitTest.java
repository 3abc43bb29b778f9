package dev.gantry.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;

class FairSplitTest {
    private static final long SEED =
            Long.getLong("seed", new SplittableRandom().nextLong(1_000_000));

    private final Random random = new Random(SEED);

    @Test
    void whatIsEverybodysByRightIsTheWhole() {
        for (int run = 0; run < 300; run++) {
            List<ShareRow> rows = rows(1 + random.nextInt(60));
            int calls = 1 + random.nextInt(100);
            long turn = random.nextLong(1_000_000);
            double kept = rows.stream().filter(r -> !r.live()).mapToDouble(ShareRow::held).sum();

            List<FairSplit> all =
                    rows.stream()
                            .filter(ShareRow::live)
                            .map(row -> split(rows, row, limits(1e6, calls), turn))
                            .toList();

            if (!all.isEmpty()) {
                assertThat(all.stream().mapToDouble(FairSplit::share).sum())
                        .as("seed %d", SEED)
                        .isCloseTo(Math.max(0, 1 - kept), within(1e-9));
                assertThat(all.stream().mapToInt(FairSplit::calls).sum())
                        .as("seed %d", SEED)
                        .isLessThanOrEqualTo(calls);
            }
        }
    }

    @Test
    void demandDecidesAboveAMinimum() {
        List<ShareRow> rows = List.of(row("a", 300), row("b", 100), row("c", 0.01));

        assertThat(split(rows, rows.get(0), limits(6_000, 1), 0).share())
                .isCloseTo(0.75 / 1.0833, within(0.001));
        assertThat(split(rows, rows.get(1), limits(6_000, 1), 0).share())
                .isCloseTo(0.25 / 1.0833, within(0.001));
        assertThat(split(rows, rows.get(2), limits(6_000, 1), 0).share())
                .as("a quarter of a third, and so much less as others have more")
                .isCloseTo(0.25 / 3 / 1.0833, within(0.001));
    }

    @Test
    void whereCallsAreRareAllHaveTheSame() {
        List<ShareRow> rows = List.of(row("a", 300), row("b", 1));

        assertThat(split(rows, rows.get(0), limits(10, 1), 0).share()).isEqualTo(0.5);
        assertThat(split(rows, rows.get(1), limits(10, 1), 0).share()).isEqualTo(0.5);
    }

    /** One call at once, and fifty workers. */
    @Test
    void fewCallsGoRoundByDemand() {
        Map<String, Integer> turns = new TreeMap<>();
        List<ShareRow> rows = new ArrayList<>();
        for (int each = 0; each < 50; each++) {
            rows.add(row("w%02d".formatted(each), each < 10 ? 4 : 1));
        }

        for (long turn = 0; turn < 8_000; turn++) {
            int all = 0;
            for (ShareRow row : rows) {
                int calls = split(rows, row, limits(1e6, 1), turn).calls();
                turns.merge(row.worker(), calls, Integer::sum);
                all += calls;
            }
            assertThat(all).isEqualTo(1);
        }

        assertThat(turns.get("w00")).isBetween(380, 420);
        assertThat(turns.get("w49")).isBetween(90, 110);
    }

    private List<ShareRow> rows(int count) {
        List<ShareRow> rows = new ArrayList<>();
        for (int each = 0; each < count; each++) {
            boolean live = random.nextInt(5) > 0;
            rows.add(
                    new ShareRow(
                            "w" + each,
                            1 + random.nextInt(100),
                            1.0 / count,
                            random.nextInt(3),
                            false,
                            live));
        }
        return rows;
    }

    private static ShareRow row(String worker, double demand) {
        return new ShareRow(worker, demand, 0, 0, false, true);
    }

    private static FairSplit split(
            List<ShareRow> rows, ShareRow of, ScopeLimits limits, long turn) {
        return FairSplit.of(rows, of.worker(), of.demand(), limits, turn);
    }

    private static ScopeLimits limits(double requestsPerMinute, int calls) {
        return ScopeLimits.of(
                new ConfiguredLimits((long) requestsPerMinute, null, calls), Map.of());
    }
}
