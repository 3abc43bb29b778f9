package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Outbox;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.StateLabel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What circuits and their operators leave on the topics; the goldens of every value. */
class CircuitEventTest {
    private static final Instant AT = Instant.parse("2026-11-20T10:00:00.123456Z");
    private static final CircuitTransition OPENED =
            new CircuitTransition(
                    CircuitKey.parse("ollama:main:inference:qwen3:8b"),
                    StateLabel.CLOSED,
                    StateLabel.OPEN,
                    AT,
                    AT.plusSeconds(30),
                    new CircuitCause(ErrorKind.RATE_LIMIT, "429, api_key=abcdef0123456789", "w-1"));
    private static final CircuitTransition DENIED =
            new CircuitTransition(
                    CircuitKey.parse("openai:main"),
                    StateLabel.OPEN,
                    StateLabel.DENIED,
                    AT,
                    null,
                    new CircuitCause(null, "too dear", "jo"));

    private final Outbox outbox = new Outbox();
    private final Delivery delivery = outbox.delivery(Decisions.NONE);

    @AfterEach
    void close() {
        outbox.close();
    }

    @Test
    void aCircuitsMoveIsKeyedByTheLaneAndHoldsNoSecret() {
        delivery.circuitChanged(OPENED);

        assertThat(outbox.topics()).containsExactly("t.routing");
        assertThat(Outbox.text(outbox.last("t.routing").key())).isEqualTo(OPENED.key().value());
        assertThat(outbox.headers("t.routing"))
                .containsExactly(
                        "ce_specversion=1.0",
                        "ce_source=/gantry/fleet%20one",
                        "ce_subject=ollama:main:inference:qwen3:8b",
                        "ce_partitionkey=ollama:main:inference:qwen3:8b",
                        "content-type=application/json",
                        "ce_type=dev.gantry.routing.circuit.v1",
                        "ce_id=ollama:main:inference:qwen3:8b/open/2026-11-20T10:00:00.123456Z"
                                + "/2026-11-20T10:00:30.123456Z",
                        "ce_time=2026-11-20T10:00:00.123Z",
                        "ce_recordedtime=2026-11-20T10:00:01.000Z");
        assertThat(outbox.value("t.routing"))
                .isEqualTo(
                        """
                        {"circuit":"ollama:main:inference:qwen3:8b","provider":"ollama",\
                        "instance":"main","type":"inference","model":"qwen3:8b",\
                        "event":"opened","from":"closed","to":"open",\
                        "at":"2026-11-20T10:00:00.123Z","until":"2026-11-20T10:00:30.123Z",\
                        "kind":"rate_limit","reason":"429, api_key=***","actor":"w-1",\
                        "worker":"w-1"}""");
    }

    @Test
    void theSameMoveToldTwiceIsTheSameEvent() {
        delivery.circuitChanged(OPENED);
        delivery.circuitChanged(OPENED);

        assertThat(outbox.history())
                .extracting(each -> Outbox.header(each, "ce_id"))
                .hasSize(2)
                .containsOnly(outbox.header("t.routing", "ce_id"));
    }

    @Test
    void whatAnOperatorDidIsAuditedPerCircuitAndSafeOnceAllIs() {
        AtomicInteger safe = new AtomicInteger();

        delivery.operatorActed(act(List.of(DENIED, OPENED)), safe::incrementAndGet);

        assertThat(outbox.topics()).containsExactly("t.audit", "t.audit");
        assertThat(outbox.history())
                .extracting(each -> Outbox.text(each.key()))
                .containsExactly("openai:main", OPENED.key().value());
        assertThat(outbox.header("t.audit", "ce_type")).isEqualTo("dev.gantry.operator.acted.v1");
        assertThat(Outbox.text(outbox.history().getFirst().value()))
                .isEqualTo(
                        """
                        {"act_id":"a-1","actor":"jo","action":"open","target":"*:main",\
                        "for_ms":30000,"reason":"too dear","acted_at":"2026-11-20T10:00:00.123Z",\
                        "worker":"w-1","circuit":"openai:main","provider":"openai",\
                        "instance":"main","change":{"from":"open","to":"denied",\
                        "at":"2026-11-20T10:00:00.123Z"}}""");
        assertThat(safe).hasValue(1);
    }

    @Test
    void anActThatMovedNothingIsAuditedUnderItsTarget() {
        AtomicInteger safe = new AtomicInteger();

        delivery.operatorActed(act(List.of()), safe::incrementAndGet);

        assertThat(Outbox.text(outbox.last("t.audit").key())).isEqualTo("*:main");
        assertThat(outbox.header("t.audit", "ce_id")).isEqualTo("a-1");
        assertThat(outbox.value("t.audit")).doesNotContain("change");
        assertThat(safe).hasValue(1);
    }

    private static OperatorAct act(List<CircuitTransition> moves) {
        return new OperatorAct(
                "a-1", AT, "jo", "*:main", "open", Duration.ofSeconds(30), "too dear", moves);
    }
}
