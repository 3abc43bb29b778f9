package dev.gantry.endtoend;

import dev.gantry.testbed.Fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Requests for one model: a lot at once, or a steady stream until it is stopped. */
final class Feed implements AutoCloseable {
    private static final long TICK_MILLIS = 50;
    private static final int TICKS_PER_SECOND = 20;
    private static final long STOP_SECONDS = 20;

    private final Fleet fleet;
    private final String model;
    private final int perTick;
    private final ScheduledExecutorService beat = Executors.newSingleThreadScheduledExecutor();

    /** Guarded by this. */
    private final List<String> sent = new ArrayList<>();

    private Feed(Fleet fleet, String model, int perTick) {
        this.fleet = fleet;
        this.model = model;
        this.perTick = perTick;
    }

    /** At least a tick's worth, 20 a second. */
    static Feed start(Fleet fleet, String model, int perSecond) {
        Feed feed = new Feed(fleet, model, Math.max(1, perSecond / TICKS_PER_SECOND));
        var _ = feed.beat.scheduleAtFixedRate(feed::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return feed;
    }

    /** Sends so many and returns their names. */
    static List<String> send(Fleet fleet, String model, String stem, int count)
            throws ExecutionException, InterruptedException {
        List<String> names = names(stem, count);
        fleet.send(lines(model, names, 1));
        return names;
    }

    /**
     * The same, to one partition.
     *
     * @param words of each prompt
     */
    static List<String> send(
            Fleet fleet, int partition, String model, String stem, int count, int words)
            throws ExecutionException, InterruptedException {
        List<String> names = names(stem, count);
        fleet.send(partition, lines(model, names, words));
        return names;
    }

    private static List<String> names(String stem, int count) {
        return IntStream.range(0, count).mapToObj(each -> stem + each).toList();
    }

    private static List<String> lines(String model, List<String> names, int words) {
        return names.stream()
                .map(
                        name ->
                                "{\"custom_id\":\"%s\",\"body\":{\"model\":\"%s\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
                                        .formatted(name, model, "word ".repeat(words)))
                .toList();
    }

    private void tick() {
        try {
            int from;
            synchronized (this) {
                from = sent.size();
            }
            List<String> names = send(fleet, model, model + "-" + from + "-", perTick);
            synchronized (this) {
                sent.addAll(names);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    synchronized List<String> sent() {
        return List.copyOf(sent);
    }

    /** Returns all that was sent. */
    List<String> stop() throws InterruptedException {
        beat.shutdown();
        if (!beat.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the feed does not end");
        }
        return sent();
    }

    @Override
    public void close() {
        beat.shutdownNow();
    }
}
