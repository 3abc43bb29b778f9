package dev.gantry.launch;

import dev.gantry.circuit.CircuitFeed;
import dev.gantry.circuit.Circuits;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.broker.KafkaDefaults;
import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Topics;
import dev.gantry.discovery.ModelDiscovery;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaException;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.handover.StoredHandover;
import dev.gantry.intake.Intake;
import dev.gantry.intake.membership.ClientTrouble;
import dev.gantry.limit.FleetLimits;
import dev.gantry.outbox.ChunkPublisher;
import dev.gantry.outbox.KeptAnswers;
import dev.gantry.outbox.Publisher;
import dev.gantry.outbox.StoredCompletions;
import dev.gantry.request.RequestTopic;

import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Starts and stops a worker. A broker or database that is absent is waited for; on the way out it
 * takes no more requests, leaves its partitions to others, finishes what it can, gives up the rest,
 * and ends once everything is said.
 */
final class WorkerLifecycle implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(WorkerLifecycle.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** What the client gives other questions is longer than a person watches an empty log. */
    private static final DescribeClusterOptions QUESTION =
            new DescribeClusterOptions().timeoutMs(3_000);

    /** After delivery.timeout.ms: what a silent broker has not taken then goes to the spool. */
    private static final Duration FLUSH = Duration.ofSeconds(5);

    /** For a rebalance under way to settle, during which the broker takes no commit. */
    private static final Duration COMMIT = Duration.ofSeconds(5);

    /** Local servers are started together with workers: their models may be late. */
    private static final Duration LISTS = Duration.ofSeconds(10);

    private final GantrySettings settings;
    private final KafkaDefaults kafka;
    private final FleetSchema schema;
    private final WorkerHeartbeat heartbeat;
    private final Parts parts;

    /** The parts of the path that the lifecycle starts and stops. */
    record Parts(
            Intake intake,
            Delivery delivery,
            Publisher publisher,
            ChunkPublisher chunks,
            Circuits circuits,
            FleetLimits limits,
            StoredCompletions finished,
            StoredHandover handover,
            KeptAnswers answers,
            ModelDiscovery discovery) {}

    private volatile @Nullable Thread starter;

    /** Why the start waits for the broker; null: it does not. Written by the starting thread. */
    private volatile @Nullable String awaited;

    private volatile boolean stopping;

    WorkerLifecycle(
            GantrySettings settings,
            KafkaDefaults kafka,
            FleetSchema schema,
            WorkerHeartbeat heartbeat,
            Parts parts) {
        this.settings = settings;
        this.kafka = kafka;
        this.schema = schema;
        this.heartbeat = heartbeat;
        this.parts = parts;
    }

    @Override
    public void start() {
        starter = Thread.ofPlatform().name("worker-start").daemon().start(this::join);
    }

    private void join() {
        Thread database =
                Thread.ofPlatform()
                        .name("worker-database")
                        .daemon()
                        .start(() -> orExit(this::joinFleet));
        orExit(
                () -> {
                    try {
                        joinGroup(database);
                    } finally {
                        database.interrupt();
                    }
                });
    }

    private interface Step {
        void run() throws InterruptedException;
    }

    /** What a worker cannot start without either comes about or ends the process. */
    private void orExit(Step step) {
        try {
            step.run();
        } catch (InterruptedException _) {
            // Stopped before it had begun.
            Thread.currentThread().interrupt();
        } catch (SchemaException e) {
            fail(String.valueOf(e.getMessage()), null);
        } catch (KafkaException e) {
            fail("spring.kafka: " + ClientTrouble.reason(e), null);
        } catch (RuntimeException e) {
            fail("internal error", e);
        }
    }

    /**
     * While stopping, what was waited for fails in its own ways: that is no failure of the worker.
     */
    private void fail(String reason, @Nullable RuntimeException bug) {
        if (!stopping) {
            log.atError().addKeyValue("reason", reason).setCause(bug).log("worker cannot start");
            Shutdown.exit(1);
        }
    }

    /** Why the broker is waited for now; null: it is not. */
    @Nullable String brokerTrouble() {
        String start = awaited;
        if (start != null) {
            return start;
        }
        boolean silent = parts.publisher().brokerDownSince().isPresent();
        return parts.intake()
                .unheard()
                .map(this::reason)
                .or(() -> silent ? Optional.of(silence()) : parts.intake().trouble())
                .orElse(null);
    }

    private String reason(Throwable trouble) {
        return trouble instanceof TimeoutException
                ? silence()
                : ClientTrouble.reason(trouble) + ": " + kafka.servers();
    }

    /** A broker that wants TLS says nothing to a client that does not speak it. */
    private String silence() {
        return "no answer from %s (security.protocol %s)"
                .formatted(
                        kafka.servers(),
                        kafka.adminProperties()
                                .getOrDefault(
                                        CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
                                        CommonClientConfigs.DEFAULT_SECURITY_PROTOCOL));
    }

    /** Why the database is waited for now; null: it is not. */
    @Nullable String databaseTrouble() {
        CircuitFeed circuits = parts.circuits().status();
        SqlTrouble beat = heartbeat.trouble();
        SqlTrouble trouble = beat == null ? circuits.trouble() : beat;
        return schema.awaited().orElse(trouble == null ? null : trouble.sentence());
    }

    private void joinFleet() throws InterruptedException {
        schema.awaitMigrated();
        heartbeat.start();
        parts.publisher().startSpooling();
        parts.circuits().start();
        parts.limits().start();
        parts.finished().start();
        parts.handover().start();
        parts.answers().start();
    }

    private void joinGroup(Thread database) throws InterruptedException {
        try (Admin admin = awaitClient(() -> Admin.create(kafka.adminProperties()))) {
            Topics wanted =
                    new Topics(
                            admin,
                            settings.topics(),
                            settings.sources().stream().map(RequestTopic::name).toList(),
                            kafka.maxRecordBytes(),
                            kafka.maxRequestSize());
            Topics.Readiness.Ready ready = awaitTopics(admin, wanted);
            parts.delivery().limitTo(ready.maxResultSize(), ready.maxAuditSize());
            boolean consumerProtocol = awaitProtocol(admin);
            awaitClient(
                    () -> {
                        parts.publisher().open();
                        return parts.publisher();
                    });
            parts.publisher().learn(settings.topics().written());
            awaitClient(
                    () -> {
                        parts.chunks().open();
                        return parts.chunks();
                    });
            database.join();
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            parts.discovery().awaitLists(LISTS);
            // The database may have been waited for, and what was there before be gone again.
            awaitClient(
                    () -> {
                        parts.intake()
                                .start(
                                        kafka.consumerProperties(),
                                        consumerProtocol,
                                        this::loopEnded);
                        return parts.intake();
                    });
            log.atInfo()
                    .addKeyValue("group", settings.worker().group())
                    .addKeyValue("protocol", consumerProtocol ? "consumer" : "classic")
                    .log("worker joins its group");
        }
    }

    /**
     * A worker that takes no requests ever again is of no use: whoever started it starts another.
     */
    private void loopEnded() {
        if (!stopping) {
            log.atError()
                    .log("the poll loop has ended, the worker takes no more requests: it exits");
            // Off the loop's thread, which the exit waits for.
            Thread.ofPlatform().name("worker-exit").start(() -> Shutdown.exit(1));
        }
    }

    /** A client is not made while no broker's name resolves or a key's file is not there yet. */
    private <T> T awaitClient(Supplier<T> client) throws InterruptedException {
        while (true) {
            try {
                T made = client.get();
                awaited = null;
                return made;
            } catch (KafkaException e) {
                if (!ClientTrouble.passes(e)) {
                    throw e;
                }
                awaited = reason(e);
            }
            Thread.sleep(RETRY);
        }
    }

    private Topics.Readiness.Ready awaitTopics(Admin admin, Topics topics)
            throws InterruptedException {
        while (true) {
            try {
                var _ = admin.describeCluster(QUESTION).nodes().get();
                switch (topics.prepare()) {
                    case Topics.Readiness.Ready ready -> {
                        awaited = null;
                        return ready;
                    }
                    case Topics.Readiness.NotYet(String reason) -> awaited = reason;
                }
            } catch (ExecutionException e) {
                awaited = reason(Objects.requireNonNull(e.getCause()));
            }
            Thread.sleep(RETRY);
        }
    }

    private boolean awaitProtocol(Admin admin) throws InterruptedException {
        while (true) {
            try {
                boolean consumerProtocol = Intake.joinsByConsumerProtocol(settings.worker(), admin);
                awaited = null;
                return consumerProtocol;
            } catch (ExecutionException e) {
                awaited = reason(Objects.requireNonNull(e.getCause()));
            }
            Thread.sleep(RETRY);
        }
    }

    @Override
    public void stop() {
        stopping = true;
        log.atInfo().log("worker drains");
        try {
            stopStarting();
            parts.intake().drain(settings.worker().drainTimeout());
            // What they still have to say is among what is flushed.
            parts.circuits().close();
            boolean said = parts.publisher().flush(kafka.deliveryTimeout().plus(FLUSH));
            parts.intake().awaitCommitted(COMMIT);
            parts.intake().stop();
            // As long as it works on something, the worker is alive for those who wait for that.
            parts.handover().close();
            heartbeat.close();
            log.atInfo().addKeyValue("flushed", said).log("worker stopped");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        starter = null;
    }

    private void stopStarting() throws InterruptedException {
        Thread starting = starter;
        if (starting != null) {
            starting.interrupt();
            starting.join(RETRY);
        }
    }

    @Override
    public boolean isRunning() {
        return starter != null;
    }
}
