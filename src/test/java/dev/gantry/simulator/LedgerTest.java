package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

class LedgerTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final Ledger ledger = new Ledger(3);

    private static Call call(String attempt, String model, Call.Disposition end) {
        boolean billed = end != Call.Disposition.REJECTED;
        BilledTokens tokens = billed ? new BilledTokens(100, 10, 50, 5) : BilledTokens.NONE;
        return new Call(attempt, model, null, NOON, NOON, end, 200, tokens, billed);
    }

    @Test
    void sumsEveryCallAndListsUpToItsLimit() {
        for (int i = 0; i < 5; i++) {
            ledger.settle(call("run~" + i, "m", Call.Disposition.ANSWERED));
        }
        ledger.settle(call("run~5", "other", Call.Disposition.REJECTED));

        assertThat(ledger.calls()).hasSize(3);
        assertThat(ledger.notKept()).isEqualTo(3);
        assertThat(ledger.totals().calls()).isEqualTo(6);
        assertThat(ledger.totals().billed()).isEqualTo(5);
        assertThat(ledger.totals().tokens()).isEqualTo(new BilledTokens(500, 50, 250, 25));
        assertThat(ledger.totalsByModel().get("other"))
                .extracting(Totals::calls, Totals::billed)
                .containsExactly(1L, 0L);
    }

    @Test
    void findsAllCallsOfAnAttempt() {
        ledger.settle(call("run~1", "m", Call.Disposition.CUT_BEFORE));
        ledger.settle(call("run~2", "m", Call.Disposition.ANSWERED));
        ledger.settle(call("run~1", "m", Call.Disposition.ANSWERED));

        assertThat(ledger.calls("run~1"))
                .extracting(Call::disposition)
                .containsExactly(Call.Disposition.CUT_BEFORE, Call.Disposition.ANSWERED);
        assertThat(ledger.calls("run~3")).isEmpty();
    }

    @Test
    void amendsAListedCallAndOneBeyondTheLimit() {
        List<Ledger.Receipt> receipts =
                List.of("a", "b", "c", "d").stream()
                        .map(id -> ledger.settle(call(id, "m", Call.Disposition.ANSWERED)))
                        .toList();

        ledger.amend(receipts.get(0), call("a", "m", Call.Disposition.CLIENT_GONE));
        ledger.amend(receipts.get(3), call("d", "m", Call.Disposition.CLIENT_GONE));

        assertThat(ledger.calls().getFirst().disposition()).isEqualTo(Call.Disposition.CLIENT_GONE);
        assertThat(ledger.totals().count(Call.Disposition.CLIENT_GONE)).isEqualTo(2);
        assertThat(ledger.totals().count(Call.Disposition.ANSWERED)).isEqualTo(2);
        assertThat(ledger.totals().calls()).isEqualTo(4);
    }

    @Test
    void forgetsEverythingOnReset() {
        Ledger.Receipt before = ledger.settle(call("a", "m", Call.Disposition.ANSWERED));

        ledger.reset();
        ledger.amend(before, call("a", "m", Call.Disposition.CLIENT_GONE));

        assertThat(ledger.calls()).isEmpty();
        assertThat(ledger.totals().calls()).isZero();
    }

    @Test
    void sumsTheModelsOfManyNamesAsOne() {
        for (int i = 0; i < 1500; i++) {
            ledger.settle(call("a", "model-" + i, Call.Disposition.ANSWERED));
        }

        assertThat(ledger.totalsByModel()).hasSize(1001);
        assertThat(ledger.totalsByModel().get("(other)")).extracting(Totals::calls).isEqualTo(500L);
        assertThat(ledger.totals().calls()).isEqualTo(1500);
    }

    @Test
    void stopsWaitingAtTheLimit() throws InterruptedException {
        ledger.begin();

        assertThat(ledger.awaitQuiet(Duration.ofMillis(20))).isFalse();
        assertThat(ledger.awaitUnderWay(2, Duration.ofMillis(20))).isFalse();
        assertThat(ledger.awaitUnderWay(1, Duration.ofMillis(20))).isTrue();
    }
}
