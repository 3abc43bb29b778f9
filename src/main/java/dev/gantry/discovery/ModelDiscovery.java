package dev.gantry.discovery;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.concurrent.Backoff;
import dev.gantry.memory.ByteBudget;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.Providers;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Asks discovering instances for their models, each on a thread of its own, so that one that hangs
 * holds up no other; and hands on what has changed. A poll is no call: circuits, limits and meters
 * do not know of it.
 */
public final class ModelDiscovery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelDiscovery.class);

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int LARGEST = 4 << 20;

    /** Answers that are read at once take so much at most. */
    private static final long MEMORY = 4L * LARGEST;

    /** A local server that was started late, or again, has its lanes soon. */
    private static final Backoff AFTER_FAILURES =
            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    /** Of a server that is wrong in ever new ways. */
    private static final int MOST_SAID = 20;

    private final ModelPoll poll;
    private final Consumer<Map<String, List<ListedModel>>> follower;
    private final InstantSource clock;
    private final Executor threads;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final BackgroundLoop loop = BackgroundLoop.of("discovery", this::pass);

    /** By the instance's id; guarded by this. */
    private final Map<String, Watch> watches = new TreeMap<>();

    /** Whether there is what the follower has not been told; guarded by this. */
    private boolean news;

    /** Whether the follower knows a list of every instance; guarded by this. */
    private boolean complete;

    /**
     * An instance whose models are asked for.
     *
     * @param every how often; more than zero
     */
    public record Watched(Endpoint endpoint, Duration every) {}

    /**
     * @param follower told on the loop's thread, by the instances' ids; one that never listed
     *     anything is not among them
     */
    public ModelDiscovery(
            Providers providers,
            Consumer<Map<String, List<ListedModel>>> follower,
            InstantSource clock) {
        this(new ModelPoll(source(providers)), follower, clock, Thread::startVirtualThread);
    }

    ModelDiscovery(
            ModelPoll poll,
            Consumer<Map<String, List<ListedModel>>> follower,
            InstantSource clock,
            Executor threads) {
        this.poll = poll;
        this.follower = follower;
        this.clock = clock;
        this.threads = threads;
    }

    static ModelPoll.Source source(Providers providers) {
        ByteBudget memory = new ByteBudget(MEMORY, 1);
        return (endpoint, target) -> {
            try (var hold = memory.hold()) {
                return providers.get(endpoint, target, TIMEOUT, LARGEST, hold);
            }
        };
    }

    /** Once. */
    public void start() {
        loop.start();
    }

    /** Asks these from now on, at once; of those that stay the list is kept. */
    public synchronized void watch(Collection<Watched> instances) {
        Map<String, Watch> before = new TreeMap<>(watches);
        watches.clear();
        for (Watched each : instances) {
            Watch known = before.get(each.endpoint().id());
            if (known == null || !known.watched.equals(each)) {
                known = new Watch(each, known == null ? InstanceModels.UNKNOWN : known.models);
            }
            watches.put(each.endpoint().id(), known);
        }
        news = true;
        loop.call();
    }

    /** By the instances' ids. */
    public synchronized Map<String, InstanceModels> known() {
        Map<String, InstanceModels> known = new LinkedHashMap<>();
        watches.forEach((id, watch) -> known.put(id, watch.models));
        return known;
    }

    /**
     * Returns once the follower has a list of every instance, or after that time: whoever only they
     * could serve is not turned away before they had a chance to say so.
     */
    public synchronized boolean awaitLists(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        if (awaitsLists()) {
            LOG.atInfo()
                    .addKeyValue("instances", awaited())
                    .log("waiting for lists of models before requests are taken");
        }
        while (awaitsLists()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                LOG.atWarn()
                        .addKeyValue("instances", awaited())
                        .log("requests are taken without these instances' models");
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }

    private boolean awaitsLists() {
        return !complete && !watches.isEmpty();
    }

    private List<String> awaited() {
        return watches.entrySet().stream()
                .filter(each -> each.getValue().models.listedAt() == null)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public void close() {
        loop.close();
    }

    /** Starts what is due, and tells what has changed. Returns how long nothing is due. */
    Duration pass() {
        begin();
        Map<String, List<ListedModel>> lists = news();
        if (lists != null) {
            tell(lists);
        }
        synchronized (this) {
            complete =
                    !news
                            && watches.values().stream()
                                    .allMatch(each -> each.models.listedAt() != null);
            notifyAll();
            Instant now = clock.instant();
            return watches.values().stream()
                    .map(each -> Duration.between(now, each.next()))
                    .reduce(LONGEST_REST, (one, other) -> one.compareTo(other) < 0 ? one : other);
        }
    }

    private void tell(Map<String, List<ListedModel>> lists) {
        boolean told = false;
        try {
            follower.accept(lists);
            told = true;
        } finally {
            synchronized (this) {
                news |= !told;
            }
        }
    }

    private void begin() {
        List<Watch> due = new ArrayList<>();
        synchronized (this) {
            Instant now = clock.instant();
            for (Watch each : watches.values()) {
                each.age(now);
                if (!each.underWay && !each.due.isAfter(now)) {
                    each.underWay = true;
                    due.add(each);
                }
            }
        }
        due.forEach(each -> threads.execute(() -> ask(each)));
    }

    private synchronized @Nullable Map<String, List<ListedModel>> news() {
        if (!news) {
            return null;
        }
        news = false;
        Map<String, List<ListedModel>> lists = new TreeMap<>();
        watches.forEach(
                (id, watch) -> {
                    if (watch.models.listedAt() != null) {
                        lists.put(id, watch.models.models());
                    }
                });
        return lists;
    }

    private void ask(Watch watch) {
        PollResult result = new PollResult.Failed("an error of Gantry's own");
        try {
            result = poll.of(watch.watched.endpoint());
        } finally {
            synchronized (this) {
                watch.answered(result, clock.instant());
            }
            loop.call();
        }
    }

    /** One instance; guarded by the discovery. */
    private final class Watch {
        private final Watched watched;
        private InstanceModels models;
        private Instant due = Instant.MIN;
        private boolean underWay;
        private int failures;

        /** So that what stays wrong is said once. */
        private final List<String> said = new ArrayList<>();

        Watch(Watched watched, InstanceModels models) {
            this.watched = watched;
            this.models = models;
        }

        /** When to look at it again. */
        Instant next() {
            Instant kept = models.keptUntil();
            Instant asked = underWay ? clock.instant().plus(LONGEST_REST) : due;
            return kept == null || asked.isBefore(kept) ? asked : kept;
        }

        void answered(PollResult result, Instant now) {
            underWay = false;
            InstanceModels before = models;
            models = models.after(result, now);
            switch (result) {
                case PollResult.Listed(_, var leftOut) -> {
                    failures = 0;
                    due = now.plus(jittered(watched.every()));
                    if (before.trouble() != null) {
                        said.clear();
                    }
                    leftOut.forEach(each -> say("left out of the list of models", each));
                }
                case PollResult.Failed(String why) -> {
                    Duration soon = AFTER_FAILURES.after(++failures, random);
                    due = now.plus(soon.compareTo(watched.every()) < 0 ? soon : watched.every());
                    say("models are not listed", why);
                }
            }
            changed(before);
        }

        void age(Instant now) {
            InstanceModels before = models;
            models = models.at(now);
            changed(before);
        }

        private void changed(InstanceModels before) {
            boolean first = before.listedAt() == null && models.listedAt() != null;
            news |= first || !before.models().equals(models.models());
            if (before.trouble() != null && models.trouble() == null) {
                LOG.atInfo()
                        .addKeyValue("instance", watched.endpoint().id())
                        .log("models are listed again");
            }
            if (models.state() == InstanceModels.State.GONE && !before.models().isEmpty()) {
                LOG.atWarn()
                        .addKeyValue("instance", watched.endpoint().id())
                        .addKeyValue("reason", models.trouble())
                        .addKeyValue("listed_at", models.listedAt())
                        .log("models have not been listed for too long: their lanes go");
            }
        }

        private void say(String what, String why) {
            if (!said.contains(why) && said.size() < MOST_SAID) {
                said.add(why);
                LOG.atWarn()
                        .addKeyValue("instance", watched.endpoint().id())
                        .addKeyValue("reason", why)
                        .log(what);
            }
        }

        /** A tenth more or less: workers that were started together do not ask together. */
        private Duration jittered(Duration every) {
            return every.multipliedBy(90 + random.nextInt(21)).dividedBy(100);
        }
    }
}
