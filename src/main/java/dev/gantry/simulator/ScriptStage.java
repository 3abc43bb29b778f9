package dev.gantry.simulator;

import dev.gantry.simulator.http.Door;
import dev.gantry.simulator.script.Outage;
import dev.gantry.simulator.script.Script;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;

/** Puts scripts in force, and shuts the door in the times for which they say so. */
final class ScriptStage {
    private static final Logger log = LoggerFactory.getLogger(ScriptStage.class);

    private final Door door;
    private final InstantSource clock;

    /** For scripts that name no seed. */
    private final long seed;

    private volatile RunningScript running;

    /** What lists of models say; null: the models that the script has rules for. */
    private volatile @Nullable List<String> listed;

    /** Guarded by this. */
    private @Nullable Thread doorkeeper;

    ScriptStage(Door door, InstantSource clock, Script script, long seed) {
        this.door = door;
        this.clock = clock;
        this.seed = seed;
        this.running = running(script);
    }

    RunningScript running() {
        return running;
    }

    /** Until another script is played; these in their order, each as often as it stands there. */
    void list(List<String> models) {
        listed = List.copyOf(models);
    }

    List<String> listed() {
        List<String> own = listed;
        return own == null ? running.script().models().keySet().stream().sorted().toList() : own;
    }

    /** From now on calls follow this script; calls under way go on by the old one. */
    synchronized void play(Script script) throws IOException, InterruptedException {
        dismiss();
        door.open();
        running = running(script);
        listed = null;
        List<Outage> refused =
                script.outages().stream()
                        .filter(outage -> outage.kind() == Outage.Kind.REFUSED)
                        .sorted(Comparator.comparing(Outage::from))
                        .toList();
        if (!refused.isEmpty()) {
            Instant start = running.start();
            doorkeeper = Thread.startVirtualThread(() -> keepDoor(refused, start));
        }
    }

    /** The same script from its start. */
    synchronized void restart() throws IOException, InterruptedException {
        play(running.script());
    }

    synchronized void dismiss() throws InterruptedException {
        if (doorkeeper != null) {
            doorkeeper.interrupt();
            doorkeeper.join();
            doorkeeper = null;
        }
    }

    private RunningScript running(Script script) {
        Long own = script.seed();
        return new RunningScript(script, clock.instant(), own == null ? seed : own);
    }

    private void keepDoor(List<Outage> refused, Instant start) {
        try {
            for (Outage outage : refused) {
                sleepUntil(start.plus(outage.from()));
                door.shut();
                sleepUntil(start.plus(outage.to()));
                door.open();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // another script has taken over
        } catch (IOException e) {
            log.atError().setCause(e).log("cannot go through with a scripted outage");
        }
    }

    private void sleepUntil(Instant time) throws InterruptedException {
        Duration left = Duration.between(clock.instant(), time);
        if (left.isPositive()) {
            Thread.sleep(left);
        }
    }
}
