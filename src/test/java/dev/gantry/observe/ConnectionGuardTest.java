package dev.gantry.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.observe.ConnectionGuard.Seen;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

class ConnectionGuardTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void aRequestIsOverdueFromItsOwnBeginning() {
        Seen idle = new Seen("a", 0, -1).now(false, 100 * SECOND);
        Seen begun = idle.now(true, 100 * SECOND).now(true, 104 * SECOND);
        Seen read = begun.now(false, 106 * SECOND).now(true, 107 * SECOND);

        assertThat(idle.overdue(200 * SECOND)).isFalse();
        assertThat(begun.overdue(105 * SECOND)).isFalse();
        assertThat(begun.overdue(106 * SECOND)).isTrue();
        assertThat(read.overdue(110 * SECOND)).isFalse();
    }

    @Test
    void theOldestOfASourceGoFirst() {
        Map<String, Seen> present = new LinkedHashMap<>();
        for (int each = 0; each < 5; each++) {
            present.put("a" + each, new Seen("a", each, -1));
        }
        present.put("b", new Seen("b", 0, -1));

        assertThat(ConnectionGuard.surplus(present, 3, 10)).containsExactly("a1", "a0");
        assertThat(ConnectionGuard.surplus(present, 10, 4)).containsExactlyInAnyOrder("a0", "b");
        assertThat(ConnectionGuard.surplus(present, 10, 10)).isEmpty();
    }
}
