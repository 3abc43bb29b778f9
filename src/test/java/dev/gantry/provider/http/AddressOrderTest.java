package dev.gantry.provider.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

class AddressOrderTest {
    private static final InetAddress FOUR_A = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress FOUR_B = InetAddress.ofLiteral("192.0.2.2");
    private static final InetAddress FOUR_C = InetAddress.ofLiteral("192.0.2.3");
    private static final InetAddress SIX_A = InetAddress.ofLiteral("2001:db8::1");
    private static final InetAddress SIX_B = InetAddress.ofLiteral("2001:db8::2");

    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
    private final AddressOrder order = new AddressOrder(nanoTime::get);

    @Test
    void familiesTakeTurnsAndTheNewerComesFirst() {
        assertThat(order.of(List.of(FOUR_A, FOUR_B, FOUR_C, SIX_A)))
                .containsExactly(SIX_A, FOUR_A, FOUR_B, FOUR_C);
    }

    @Test
    void eachCallBeginsOneFurther() {
        List<InetAddress> found = List.of(FOUR_A, FOUR_B, FOUR_C);

        assertThat(order.of(found)).containsExactly(FOUR_A, FOUR_B, FOUR_C);
        assertThat(order.of(found)).containsExactly(FOUR_B, FOUR_C, FOUR_A);
        assertThat(order.of(found)).containsExactly(FOUR_C, FOUR_A, FOUR_B);
        assertThat(order.of(found)).containsExactly(FOUR_A, FOUR_B, FOUR_C);
    }

    @Test
    void bothFamiliesRotate() {
        List<InetAddress> found = List.of(SIX_A, SIX_B, FOUR_A, FOUR_B);

        assertThat(order.of(found)).containsExactly(SIX_A, FOUR_A, SIX_B, FOUR_B);
        assertThat(order.of(found)).containsExactly(SIX_B, FOUR_B, SIX_A, FOUR_A);
    }

    @Test
    void whatFailedComesLastButIsNeverLeftOut() {
        order.failed(SIX_A);
        order.failed(FOUR_A);

        assertThat(order.of(List.of(SIX_A, FOUR_A, FOUR_B))).containsExactly(FOUR_B, SIX_A, FOUR_A);
    }

    @Test
    void aFailureIsForgottenAfterHalfAMinute() {
        order.failed(SIX_A);

        pass(Duration.ofSeconds(30));

        assertThat(order.of(List.of(FOUR_A, SIX_A))).containsExactly(SIX_A, FOUR_A);
    }

    @Test
    void whatFailsAgainRestsTwiceAsLong() {
        order.failed(SIX_A);
        pass(Duration.ofSeconds(30));
        order.failed(SIX_A);

        pass(Duration.ofSeconds(59));
        assertThat(order.of(List.of(FOUR_A, SIX_A))).containsExactly(FOUR_A, SIX_A);
        pass(Duration.ofSeconds(1));
        assertThat(order.of(List.of(FOUR_A, SIX_A))).containsExactly(SIX_A, FOUR_A);
    }

    @Test
    void manyCallsThatFailTogetherAreOneFailure() {
        for (int i = 0; i < 100; i++) {
            order.failed(SIX_A);
        }

        pass(Duration.ofSeconds(30));

        assertThat(order.of(List.of(FOUR_A, SIX_A))).containsExactly(SIX_A, FOUR_A);
    }

    @Test
    void noRestIsLongerThanTenMinutes() {
        for (int i = 0; i < 50; i++) {
            order.failed(SIX_A);
            pass(Duration.ofMinutes(10));
        }

        assertThat(order.of(List.of(FOUR_A, SIX_A))).containsExactly(SIX_A, FOUR_A);
    }

    @Test
    void connectingForgivesEverything() {
        order.failed(SIX_A);
        pass(Duration.ofSeconds(30));
        order.failed(SIX_A);

        order.connected(SIX_A);

        assertThat(order.of(List.of(FOUR_A, SIX_A))).containsExactly(SIX_A, FOUR_A);
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }
}
