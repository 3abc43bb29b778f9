package dev.gantry.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.discovery.ModelDiscovery.Watched;
import dev.gantry.provider.EndpointDraft;
import dev.gantry.provider.Providers;
import dev.gantry.provider.TransportSettings;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Two servers, a clock that is moved, and passes made by hand. */
@ResourceLock(Resources.SYSTEM_OUT)
class ModelDiscoveryTest {
    private static final Duration EVERY = Duration.ofSeconds(30);

    /** A tenth later at the latest. */
    private static final Duration DUE = EVERY.plusSeconds(3);

    private final TickingClock clock = new TickingClock();
    private final List<Map<String, List<ListedModel>>> told = new ArrayList<>();
    private SimulatedProvider one;
    private SimulatedProvider other;
    private Providers providers;
    private ModelDiscovery discovery;

    @BeforeEach
    void start() throws IOException {
        one = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
        other = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
        providers =
                new Providers(
                        List.of(),
                        new TransportSettings(DataSize.ofMegabytes(1)),
                        name -> {
                            throw new IllegalArgumentException(name);
                        });
        discovery =
                new ModelDiscovery(
                        new ModelPoll(ModelDiscovery.source(providers)),
                        told::add,
                        clock,
                        Runnable::run);
        discovery.watch(List.of(watched(one, "one"), watched(other, "other")));
    }

    @AfterEach
    void stop() throws IOException {
        discovery.close();
        providers.close();
        one.close();
        other.close();
    }

    @Test
    void eachInstanceHasWhatItLists() {
        one.list("llama3:latest", "qwen");
        other.list("llama3:latest");

        discovery.pass();

        assertThat(told)
                .containsExactly(
                        Map.of(
                                "sim:one",
                                list("llama3:latest", "qwen"),
                                "sim:other",
                                list("llama3:latest")));
    }

    @Test
    void modelsAppearAndDisappear() {
        one.list("a");
        discovery.pass();
        one.list("a", "b");
        clock.advance(DUE);
        discovery.pass();
        one.list("b");
        clock.advance(DUE);
        discovery.pass();
        clock.advance(DUE);
        discovery.pass();

        assertThat(told)
                .extracting(each -> each.get("sim:one"))
                .containsExactly(list("a"), list("a", "b"), list("b"));
    }

    @Test
    void nobodyIsAskedBeforeItIsDue() {
        discovery.pass();
        one.list("new");
        clock.advance(Duration.ofSeconds(26));

        Duration rest = discovery.pass();

        assertThat(told).hasSize(1);
        assertThat(rest).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(7));
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    @ResourceLock(Resources.SYSTEM_OUT)
    void aListIsKeptForFiveMinutesWhilePollsFail(CapturedOutput output) throws IOException {
        one.list("a");
        discovery.pass();
        one.goDown();
        for (int seconds = 0; seconds < 299; seconds += 23) {
            clock.advance(Duration.ofSeconds(23));
            discovery.pass();
        }
        InstanceModels kept = known("sim:one");
        int before = told.size();
        clock.advance(Duration.ofSeconds(2));
        discovery.pass();

        assertThat(kept.state()).isEqualTo(InstanceModels.State.KEPT);
        assertThat(kept.models()).isEqualTo(list("a"));
        assertThat(kept.keptUntil()).isEqualTo(TickingClock.START.plus(InstanceModels.KEPT));
        assertThat(kept.trouble()).contains("refused");
        assertThat(before).as("nothing to tell while it is kept").isEqualTo(1);
        assertThat(told.getLast()).containsEntry("sim:one", List.of());
        assertThat(known("sim:one").state()).isEqualTo(InstanceModels.State.GONE);
        // Others log as well.
        List<String> said =
                output.getAll().lines().filter(each -> each.contains("sim:one")).toList();
        assertThat(said)
                .filteredOn(each -> each.contains("models are not listed"))
                .as("said once, not with each poll")
                .hasSize(1);
        assertThat(said).anyMatch(each -> each.contains("their lanes go"));
    }

    @Test
    void aServerThatComesBackHasItsLanesSoon() throws IOException {
        one.list("a");
        one.goDown();
        discovery.pass();
        one.comeBack();
        clock.advance(Duration.ofSeconds(1));

        discovery.pass();

        assertThat(told.getLast()).containsEntry("sim:one", list("a"));
        assertThat(known("sim:one").trouble()).isNull();
    }

    @Test
    void waitsForTheFirstListOfEach() throws Exception {
        one.goDown();
        discovery.pass();
        boolean early = discovery.awaitLists(Duration.ofMillis(5));
        one.comeBack();
        clock.advance(Duration.ofSeconds(1));
        discovery.pass();

        assertThat(early).isFalse();
        assertThat(discovery.awaitLists(Duration.ofMillis(5))).isTrue();
    }

    @Test
    void whatStaysWatchedKeepsItsList() {
        one.list("a");
        discovery.pass();
        Watched moved = watched(other, "one");

        discovery.watch(List.of(moved));
        Map<String, InstanceModels> between = discovery.known();
        other.list("b");
        discovery.pass();

        assertThat(between).containsOnlyKeys("sim:one");
        assertThat(between.get("sim:one")).extracting(InstanceModels::models).isEqualTo(list("a"));
        assertThat(told.getLast()).isEqualTo(Map.of("sim:one", list("b")));
    }

    @Test
    void pollsAreNoCalls() {
        discovery.pass();

        assertThat(one.ledger().calls()).isEmpty();
    }

    private InstanceModels known(String instance) {
        InstanceModels known = discovery.known().get(instance);
        assertThat(known).isNotNull();
        return known;
    }

    private static Watched watched(SimulatedProvider provider, String instance) {
        return new Watched(new EndpointDraft(provider.baseUrl()).instance(instance).build(), EVERY);
    }

    private static List<ListedModel> list(String... models) {
        return List.of(models).stream().map(ListedModel::of).toList();
    }
}
