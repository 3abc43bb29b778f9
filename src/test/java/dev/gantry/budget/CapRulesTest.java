package dev.gantry.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.Caps.Scope;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigDecimal;

/** What caps say of a call: the tighter wins, and none widens another. */
class CapRulesTest {
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    # cap  | projected | passed
                    0.05   | 0.05      | false
                    0.05   | 0.050001  | true
                    0      | 0         | false
                    0      | 0.0000001 | true
                    """,
            delimiter = '|')
    void aCallMayReachItsCapAndNotPassIt(BigDecimal cap, BigDecimal projected, boolean passed) {
        Caps caps = Caps.of(cap, null, OnExceed.ABORT);

        Exceeded exceeded = CapRules.call(caps, projected);

        assertThat(exceeded != null).isEqualTo(passed);
    }

    @Test
    void aSessionCountsWhatIsSpentAndWhatIsSetAside() {
        Caps caps = Caps.of(null, usd("2"), OnExceed.ABORT);

        assertThat(CapRules.total(caps, Scope.SESSION, null, usd("0.5"), usd("1.5"))).isNull();
        assertThat(CapRules.total(caps, Scope.SESSION, null, usd("0.5"), usd("1.51")))
                .isEqualTo(
                        new Exceeded(
                                "session_usd",
                                usd("2"),
                                usd("0.5"),
                                usd("1.51"),
                                null,
                                OnExceed.ABORT));
    }

    @Test
    void whatNobodyKnowsThePriceOfPassesEveryCapAndSkipsTheLane() {
        Caps caps =
                Caps.of(null, usd("5"), OnExceed.ABORT).and(Caps.of(usd("3"), null, OnExceed.WARN));

        Exceeded exceeded = CapRules.call(caps, null);

        assertThat(exceeded)
                .isEqualTo(
                        new Exceeded("price_unknown", usd("3"), null, null, null, OnExceed.SKIP));
        assertThat(CapRules.call(Caps.NONE, null)).isNull();
    }

    @Test
    void aRequestsTighterWarningDoesNotWidenAPolicysAbort() {
        Caps both =
                Caps.of(usd("0.5"), usd("1"), OnExceed.WARN)
                        .and(Caps.of(usd("1"), usd("2"), OnExceed.ABORT));

        assertThat(action(CapRules.call(both, usd("0.7")))).isEqualTo(OnExceed.WARN);
        assertThat(action(CapRules.call(both, usd("1.1")))).isEqualTo(OnExceed.ABORT);
        assertThat(action(CapRules.total(both, Scope.SESSION, null, usd("0.7"), usd("1"))))
                .isEqualTo(OnExceed.WARN);
        assertThat(action(CapRules.total(both, Scope.SESSION, null, usd("0.7"), usd("1.4"))))
                .isEqualTo(OnExceed.ABORT);
        assertThat(CapRules.limit(both, Scope.SESSION)).isEqualByComparingTo("2");
    }

    @Test
    void ofTwoHardCapsTheTighterIsTheSessionsLimit() {
        Caps both =
                Caps.of(null, usd("3"), OnExceed.ABORT).and(Caps.of(null, usd("2"), OnExceed.SKIP));

        assertThat(CapRules.limit(both, Scope.SESSION)).isEqualByComparingTo("2");
        assertThat(action(CapRules.total(both, Scope.SESSION, null, usd("0.5"), usd("2"))))
                .isEqualTo(OnExceed.SKIP);
    }

    @Test
    void onlyASessionsCapNeedsTheLedger() {
        assertThat(CapRules.capped(Caps.NONE, Scope.SESSION)).isFalse();
        assertThat(CapRules.capped(Caps.of(usd("1"), null, OnExceed.ABORT), Scope.SESSION))
                .isFalse();
        assertThat(CapRules.capped(Caps.of(null, usd("1"), OnExceed.WARN), Scope.SESSION)).isTrue();
    }

    @Test
    void absentIsNoCapAndLessThanNothingIsNone() {
        assertThat(Caps.of(null, null, OnExceed.ABORT).none()).isTrue();
        assertThat(Caps.of(usd("0"), null, OnExceed.ABORT).none()).isFalse();
        assertThatThrownBy(() -> new Caps.Cap(Scope.CALL, usd("-1"), OnExceed.ABORT))
                .hasMessageContaining("allowed is 0 or more");
    }

    @Test
    void aMessageNamesTheCapTheProjectionAndTheSession() {
        assertThat(
                        new Exceeded(
                                        "session_usd",
                                        usd("2.00"),
                                        usd("0.5"),
                                        usd("1.75"),
                                        null,
                                        OnExceed.ABORT)
                                .message())
                .isEqualTo(
                        "session_usd 2: a call may cost 0.5 USD on top of the 1.75 USD of its"
                                + " session");
        assertThat(
                        new Exceeded("price_unknown", usd("2"), null, null, null, OnExceed.SKIP)
                                .message())
                .isEqualTo(
                        "price_unknown: what a call may cost is not known, and the cap is 2 USD");
    }

    private static @Nullable OnExceed action(@Nullable Exceeded exceeded) {
        return exceeded == null ? null : exceeded.onExceed();
    }

    private static BigDecimal usd(String amount) {
        return new BigDecimal(amount);
    }
}
