package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.fleet.SqlTrouble.Kind;
import dev.gantry.outbox.SpoolTable.Front;
import dev.gantry.outbox.SpoolTable.Head;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

class SpoolReachTest {
    private static final long NOW = System.nanoTime();
    private static final Duration OLD = Duration.ofMinutes(3);

    private final SpoolReach reach = new SpoolReach();

    @Test
    void beginsBehindWhatIsGone() {
        look(Duration.ofMillis(1), new Head("a", 7, OLD));

        assertThat(reach.floor("a")).isEqualTo(6);
        reach.gone("a", 40);
        reach.gone("a", 30);
        assertThat(reach.floor("a")).isEqualTo(40);
        assertThat(reach.floor("b")).isZero();
    }

    /** Ids are given before rows are committed; and operators have old ones tried again. */
    @Test
    void findsWhatCameLateAtTheFront() {
        reach.gone("a", 40);

        look(Duration.ofMillis(1), new Head("a", 12, OLD));

        assertThat(reach.floor("a")).isEqualTo(11);
    }

    @Test
    void looksAtTheFrontAsOftenAsThatIsCheap() {
        look(Duration.ofMillis(1));
        assertThat(reach.lookDue(NOW + millis(499))).isFalse();
        assertThat(reach.lookDue(NOW + millis(501))).isTrue();

        look(Duration.ofMillis(500));
        assertThat(reach.lookDue(NOW + millis(9_900))).isFalse();
        assertThat(reach.lookDue(NOW + millis(10_001))).isTrue();

        look(Duration.ofSeconds(20));
        assertThat(reach.lookDue(NOW + millis(30_001))).isTrue();
    }

    /** Each would be as dear as the one before, on every worker. */
    @Test
    void looksSeldomAgainAfterALookThatTheDatabaseEnded() {
        reach.failed(Kind.REFUSED, NOW - millis(2_000), NOW);

        assertThat(reach.lookDue(NOW + millis(29_900))).isFalse();
        assertThat(reach.lookDue(NOW + millis(30_001))).isTrue();
    }

    @Test
    void looksSoonAgainWhileNobodyAnswers() {
        reach.failed(Kind.UNREACHABLE, NOW - millis(2_000), NOW);
        assertThat(reach.lookDue(NOW + millis(1_900))).isFalse();
        assertThat(reach.lookDue(NOW + millis(2_001))).isTrue();

        reach.failed(Kind.UNREACHABLE, NOW - millis(1), NOW);
        assertThat(reach.lookDue(NOW + millis(499))).isFalse();
        assertThat(reach.lookDue(NOW + millis(501))).isTrue();
    }

    @Test
    void aTopicIsActiveUntilNothingWasFoundInIt() {
        look(Duration.ofMillis(1), new Head("b", 7, OLD), new Head("a", 9, OLD));
        assertThat(reach.topics()).containsExactly("a", "b");

        reach.taking("a");
        reach.taking("b");
        reach.more("b");
        reach.wrote("c");

        assertThat(reach.topics()).containsExactly("b", "c");
    }

    @Test
    void theAgeGrowsUntilNothingWaits() {
        look(Duration.ofMillis(1), new Head("a", 7, OLD));
        assertThat(reach.age(NOW + millis(2_000))).isEqualTo(OLD.plusSeconds(2));

        reach.taking("a");

        assertThat(reach.age(NOW + millis(2_000))).isZero();
    }

    private void look(Duration took, Head... heads) {
        reach.looked(new Front(List.of(heads)), NOW - took.toNanos(), NOW);
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}
