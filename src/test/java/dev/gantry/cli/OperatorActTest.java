package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.Tier;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Who tells what an operator did: one worker, whatever becomes of the others. */
@Timeout(90)
class OperatorActTest {
    private static final LaneId LANE =
            new LaneId(Tier.FRONTIER, "openai", "main", ModelType.INFERENCE, "gpt-5");
    @AutoClose private final OwnSchema database = new OwnSchema(6);
    private final Queue<CircuitTransition> moves = new ConcurrentLinkedQueue<>();
    private final Queue<OperatorAct> told = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> unsafe = new ConcurrentLinkedQueue<>();

    @Test
    void oneWorkerOfThreeTellsWhatTheCommandLineDid() throws Exception {
        database.migrate();
        try (Circuits one = worker("one");
                Circuits two = worker("two");
                Circuits three = worker("three")) {
            for (Circuits each : List.of(one, two, three)) {
                each.onAct(this::tellAtOnce);
                each.start();
            }

            new CircuitAdmin(database.pool(), database.name())
                    .operate(deny("openai:main"), List.of());
            Await.until("told and forgotten", () -> !told.isEmpty() && acts() == 0);

            assertThat(told).hasSize(1);
            assertThat(told.element())
                    .extracting(
                            OperatorAct::target,
                            OperatorAct::action,
                            OperatorAct::reason,
                            OperatorAct::actor)
                    .containsExactly("openai:main", "deny", "too dear", "jo");
            assertThat(told.element().moves()).containsExactlyElementsOf(moves);
            assertThat(moves).extracting(each -> each.to().label()).containsExactly("denied");
        }
    }

    @Test
    void theWorkerThatWasAskedTellsBeforeItAnswers() throws Exception {
        database.migrate();
        try (Circuits one = worker("one");
                Circuits two = worker("two")) {
            two.onAct((_, _) -> unsafe.add(() -> {}));
            one.onAct(this::tellAtOnce);
            two.start();
            one.start();

            List<CircuitTransition> done = one.operate(deny("openai:*:*:*"));

            assertThat(told).hasSize(1);
            assertThat(moves).containsExactlyElementsOf(done).hasSize(1);
            assertThat(unsafe).isEmpty();
            Await.until("forgotten", () -> acts() == 0);
        }
    }

    @Test
    void anActWhoseTellerDiedIsToldByAnotherUnderTheSameId() throws Exception {
        database.migrate();
        try (Circuits dying = worker("dying")) {
            dying.onAct(this::neverSafe);
            dying.start();
            dying.operate(deny("openai:main"));
        }
        OperatorAct first = told.remove();
        claimsLapse();

        try (Circuits heir = worker("heir")) {
            heir.onAct(this::tellAtOnce);
            heir.start();
            Await.until("told again", () -> acts() == 0);

            assertThat(told).containsExactly(first);
        }
    }

    @Test
    void aTellerThatStillWaitsForTheBrokerKeepsItsClaim() throws Exception {
        database.migrate();
        try (Circuits slow = worker("slow")) {
            slow.onAct(this::neverSafe);
            slow.start();
            slow.operate(deny("openai:main"));
            claimsLapse();

            slow.operate(deny("openai:main"));
            Await.until("renewed", () -> lapsed() == 0);

            assertThat(told).extracting(OperatorAct::id).doesNotHaveDuplicates().hasSize(2);
            unsafe.forEach(Runnable::run);
            Await.until("forgotten", () -> acts() == 0);
        }
    }

    @Test
    void whatMovedNothingIsToldAllTheSame() throws Exception {
        database.migrate();
        try (Circuits one = worker("one")) {
            one.onAct(this::tellAtOnce);
            one.start();
            OperatorAction reset = OperatorAction.parse("openai:main", "reset", null, "", "jo");

            one.operate(reset);

            assertThat(told).extracting(OperatorAct::action).containsExactly("reset");
            assertThat(moves).isEmpty();
        }
    }

    private void tellAtOnce(OperatorAct act, Runnable safe) {
        told.add(act);
        safe.run();
    }

    private void neverSafe(OperatorAct act, Runnable safe) {
        told.add(act);
        unsafe.add(safe);
    }

    private Circuits worker(String name) {
        Circuits circuits =
                Circuits.shared(
                        CircuitSettings.DEFAULT,
                        List.of(new ScopeMembership(LANE, "openai/main", QuotaScope.LANE)),
                        WorkerName.of(name),
                        database.pool(),
                        new DatabaseSettings(database.name(), null),
                        InstantSource.system());
        circuits.onTransition(moves::add);
        return circuits;
    }

    private static OperatorAction deny(String target) {
        return new OperatorAction(
                new CircuitTarget(target), new OperatorAction.Deny(), "too dear", "jo");
    }

    private int acts() {
        return database.count("operator_act");
    }

    private int lapsed() {
        return database.count("operator_act where claimed_until < clock_timestamp()");
    }

    private void claimsLapse() {
        database.sql(
                        "update ${schema}.operator_act"
                                + " set claimed_until = clock_timestamp() - interval '1s'")
                .update();
    }
}
