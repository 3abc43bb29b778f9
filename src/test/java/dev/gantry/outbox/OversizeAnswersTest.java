package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.concurrent.Backoff;
import dev.gantry.event.OutboundRecord;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An answer too large for the broker is decided on once, when its fate is known. */
class OversizeAnswersTest {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(5), Duration.ofMillis(20));

    private final List<String> decided = new CopyOnWriteArrayList<>();

    @Test
    void anAnswerIsTriedUntilItIsKept() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        AnswerStore away =
                (_, _, _) -> {
                    assertThat(decided).isEmpty();
                    if (tries.incrementAndGet() < 5) {
                        throw new IllegalStateException("database away");
                    }
                    return true;
                };

        try (OversizeAnswers keeper = new OversizeAnswers(away, QUICK)) {
            keeper.keep("a", "r", record(), kept -> decided.add("a " + kept));

            Await.until("decided", () -> !decided.isEmpty());
            assertThat(decided).containsExactly("a true");
            assertThat(tries).hasValue(5);
        }
    }

    @Test
    void anAnswerThatIsNeverTakenHoldsUpNoOther() throws Exception {
        AnswerStore picky = (id, _, _) -> !id.equals("refused");

        try (OversizeAnswers keeper = new OversizeAnswers(picky, QUICK)) {
            keeper.keep("refused", "r", record(), kept -> decided.add("refused " + kept));
            keeper.keep("broken", "r", record(), OversizeAnswersTest::fail);
            keeper.keep("b", "r", record(), kept -> decided.add("b " + kept));

            Await.until("decided", () -> decided.size() == 2);
            assertThat(decided).containsExactly("refused false", "b true");
        }
    }

    private static void fail(boolean kept) {
        throw new IllegalStateException("no smaller form, kept " + kept);
    }

    private static OutboundRecord record() {
        return new OutboundRecord("results", null, List.of(), new byte[10]);
    }
}
