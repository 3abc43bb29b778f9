package dev.gantry.cli.result;

import dev.gantry.cli.Terminal;
import dev.gantry.cli.Visible;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongFunction;

/** Shows how far a batch is, how fast it moves, and why it does not. */
public final class ProgressDisplay {
    private static final Duration REDRAW = Duration.ofMillis(200);
    private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final Duration RATE_WINDOW = Duration.ofSeconds(10);

    private final Terminal terminal;
    private final InstantSource clock;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Standing standing = new Standing(0, 0, 0, 0);
    private Instant nextShow;
    private Instant lastMove;

    public ProgressDisplay(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
        Instant now = clock.instant();
        this.lastMove = now;
        this.nextShow = terminal.isInteractive() ? now : now.plus(PLAIN_INTERVAL);
    }

    /**
     * How far it is.
     *
     * @param total requests of the batch as far as known
     * @param sent requests that the broker has; equals total when there is nothing left to send
     */
    public record Standing(long total, long sent, long succeeded, long failed) {
        public long done() {
            return succeeded + failed;
        }
    }

    private record Sample(Instant time, long done) {}

    /**
     * Shows it if it is time to.
     *
     * @param reason why nothing moves, given for how many seconds nothing has
     * @param waits what requests wait for, whether something moves or not; null: not known
     */
    public void show(Standing now, LongFunction<String> reason, @Nullable String waits) {
        Instant time = clock.instant();
        if (!now.equals(standing)) {
            lastMove = time;
            standing = now;
        }
        if (time.isBefore(nextShow)) {
            return;
        }
        nextShow = time.plus(terminal.isInteractive() ? REDRAW : PLAIN_INTERVAL);
        sample(new Sample(time, now.done()));
        Duration silent = Duration.between(lastMove, time);
        boolean stuck = silent.compareTo(SILENCE) >= 0 || now.total() == 0;
        var line =
                new ProgressLine(
                        now,
                        rate(),
                        stuck ? Visible.sentence(reason.apply(silent.toSeconds())) : null,
                        waits);
        if (terminal.isInteractive()) {
            terminal.draw(line.bar(terminal.width() - 1, terminal.bars()));
        } else {
            terminal.note(line.plain());
        }
    }

    private void sample(Sample now) {
        if (now.done() == 0) {
            samples.clear(); // the wait for the first result says nothing about the pace
        }
        samples.addLast(now);
        while (samples.size() > 2
                && Duration.between(samples.getFirst().time(), now.time()).compareTo(RATE_WINDOW)
                        > 0) {
            samples.removeFirst();
        }
    }

    /** Results per second of late, null while it cannot be told. */
    private @Nullable Double rate() {
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        long millis = Duration.between(first.time(), last.time()).toMillis();
        return millis <= 0 ? null : (Double) (1000.0 * (last.done() - first.done()) / millis);
    }
}
