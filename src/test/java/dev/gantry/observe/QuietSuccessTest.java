package dev.gantry.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.StateLabel;
import dev.gantry.inference.Tier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.stream.LongStream;

/** What a log and a page say of what goes well, and of what cannot. */
class QuietSuccessTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "0.01, 10", "0.3, 300", "1, 1000"})
    void aShareOfTheSuccessesIsLogged(double share, long lines) {
        assertThat(LongStream.rangeClosed(1, 1000).filter(each -> OutcomeLog.isLogged(each, share)))
                .hasSize((int) lines);
    }

    @Test
    void aProviderWithoutAnyLaneThatTakesCallsIsNamed() {
        List<LaneId> lanes = List.of(lane("a", "one"), lane("a", "two"), lane("b", "one"));

        assertThat(
                        WorkHealth.unusable(
                                lanes,
                                lane ->
                                        lane.provider().equals("b")
                                                ? StateLabel.CLOSED
                                                : lane.model().equals("one")
                                                        ? StateLabel.DENIED
                                                        : StateLabel.OPEN))
                .containsExactly("provider a: none of its lanes takes calls: 1 denied, 1 open");
        assertThat(WorkHealth.unusable(lanes, _ -> StateLabel.CLOSED)).isEmpty();
    }

    private static LaneId lane(String provider, String model) {
        return new LaneId(Tier.CLOUD, provider, "main", ModelType.INFERENCE, model);
    }
}
