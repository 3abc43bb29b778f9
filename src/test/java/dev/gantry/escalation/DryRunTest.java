package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.FailureCode;
import dev.gantry.routing.Lane;

import org.junit.jupiter.api.Test;

import java.util.List;

/** What is foreseen is what happens. */
class DryRunTest {
    private static final Lane A =
            lane("frontier:a:x:inference:m").weight(300).maxOutput(4_000).build();
    private static final Lane B =
            lane("frontier:b:x:inference:m").weight(200).unsupported("seed").build();

    private final LoopFixture loop = new LoopFixture();

    @Test
    void foreseesTheCallThatIsMade() throws InterruptedException {
        loop.provider.on(A, Replies.OK);

        List<Attempt.Dispatch> foreseen = foreseen();
        int calls = loop.provider.lanes().size();
        loop.run(request().members("seed").output(9_000), settings(), A, B);

        assertThat(calls).isZero();
        assertThat(foreseen).extracting(Attempt.Dispatch::lane).containsExactly(A.id(), B.id());
        assertThat(foreseen.getFirst()).isEqualTo(loop.dispatched.getFirst());
        assertThat(foreseen.getLast().adaptation().dropped()).contains("seed");
    }

    @Test
    void knowsWhatTheWorkerHasLearntToRepair() throws InterruptedException {
        loop.provider.on(A, Replies.error(400, "Unsupported parameter: 'temperature'"), Replies.OK);
        loop.run(request().members("temperature"), settings(), A);

        DryRun next = loop.dryRun(request().members("temperature"), A);

        assertThat(next).isInstanceOf(DryRun.Enters.class);
        assertThat(((DryRun.Enters) next).calls().getFirst().dispatch().adaptation().dropped())
                .containsExactly("temperature");
    }

    @Test
    void endsWhereTheRunWouldEndAtOnce() {
        assertThat(loop.dryRun(request().deadline(loop.clock.instant()), A))
                .isInstanceOfSatisfying(
                        DryRun.Ends.class,
                        end -> assertThat(end.code()).isEqualTo(FailureCode.BATCH_EXPIRED));
    }

    private List<Attempt.Dispatch> foreseen() {
        DryRun run = loop.dryRun(request().members("seed").output(9_000), A, B);
        assertThat(run).isInstanceOf(DryRun.Enters.class);
        return ((DryRun.Enters) run).calls().stream().map(DryRun.Call::dispatch).toList();
    }
}
