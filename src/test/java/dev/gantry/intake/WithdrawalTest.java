package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A worker that can reach nobody leaves its requests to others, and comes back. */
@Timeout(120)
class WithdrawalTest {
    private static final Duration SHORT_GRACE = Duration.ofMillis(200);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesItsPartitionsToOthersAndComesBack(boolean kip848) throws Exception {
        String group = SharedBroker.unique("withdrawn");
        HeldWork first = new HeldWork();
        HeldWork second = new HeldWork();

        try (Topic topic = Topic.create("withdrawn", 2)) {
            topic.send(requests(20), 2);
            Member cut = Member.join(topic.name(), group, first, kip848, SHORT_GRACE, Map.of());
            Await.until("all held", () -> first.count() == 20);
            Member well = Member.join(topic.name(), group, second, kip848, SHORT_GRACE, Map.of());
            Await.until("half held by the other", () -> second.count() == 10);

            cut.intake().withdraw();
            Await.until("the other has them all", () -> second.count() == 20);

            assertThat(cut.intake().withdrawn()).isTrue();
            assertThat(cut.intake().partitions()).isEmpty();
            assertThat(cut.intake().sinceLastPoll().orElseThrow())
                    .as("the loop goes on")
                    .isLessThan(Duration.ofSeconds(30));
            cut.intake().rejoin();
            Await.until("it is back", () -> !cut.intake().partitions().isEmpty());
            cut.intake().stop();
            well.intake().stop();
        }
    }

    private static List<byte[]> requests(int count) {
        return IntStream.range(0, count)
                .mapToObj(
                        "{\"custom_id\":\"r-%d\",\"body\":{\"model\":\"m\",\"messages\":[]}}"
                                ::formatted)
                .map(each -> each.getBytes(StandardCharsets.UTF_8))
                .toList();
    }
}
