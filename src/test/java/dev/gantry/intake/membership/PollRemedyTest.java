package dev.gantry.intake.membership;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

import java.util.List;

class PollRemedyTest {
    /** The failure, then what is done with KIP-848 and classic: at once, and after a minute. */
    static final List<Arguments> FAILURES =
            List.of(
                    row(new WakeupException(), "PASS_ON PASS_ON PASS_ON PASS_ON"),
                    row(new TimeoutException("slow"), "REST REST REST REST"),
                    row(new TopicAuthorizationException("t"), "REST REST REST REST"),
                    row(GroupAuthorizationException.forGroupId("g"), "REJOIN REJOIN REST REJOIN"),
                    row(new SaslAuthenticationException("no"), "REJOIN REJOIN REST REJOIN"),
                    row(new SslAuthenticationException("no"), "REJOIN REJOIN REST REJOIN"),
                    row(new FencedInstanceIdException("no"), "REJOIN REJOIN REJOIN REJOIN"),
                    row(new UnreleasedInstanceIdException("no"), "REJOIN REJOIN REJOIN REJOIN"),
                    row(new UnsupportedVersionException("no"), "REJOIN REJOIN REJOIN REJOIN"),
                    row(new GroupMaxSizeReachedException("no"), "REJOIN REJOIN REJOIN REJOIN"),
                    row(new InvalidConfigurationException("no"), "REJOIN REJOIN REJOIN REJOIN"),
                    row(new KafkaException("of no kind"), "REST REJOIN REST REJOIN"),
                    row(new IllegalStateException("a bug"), "REST REJOIN REST REJOIN"),
                    row(new NullPointerException("a bug"), "REJOIN REJOIN REJOIN REJOIN"),
                    row(new OutOfMemoryError("full"), "REJOIN REJOIN REJOIN REJOIN"));

    private static Arguments row(Throwable failure, String remedies) {
        return Arguments.of(failure, remedies);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("FAILURES")
    void decides(Throwable failure, String remedies) {
        assertThat(
                        List.of(
                                PollRemedy.of(failure, true, 1),
                                PollRemedy.of(failure, true, 60),
                                PollRemedy.of(failure, false, 1),
                                PollRemedy.of(failure, false, 60)))
                .hasToString("[" + remedies.replace(" ", ", ") + "]");
    }
}
