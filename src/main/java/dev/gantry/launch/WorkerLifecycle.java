package dev.gantry.launch;

import dev.gantry.circuit.Circuits;
import dev.gantry.config.broker.KafkaDefaults;
import dev.gantry.delivery.Delivery;
import dev.gantry.delivery.Topics;
import dev.gantry.discovery.ModelDiscovery;
import dev.gantry.event.TopicSettings;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaException;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.intake.Intake;
import dev.gantry.intake.IntakeSettings;
import dev.gantry.intake.membership.ClientTrouble;
import dev.gantry.outbox.ChunkPublisher;
import dev.gantry.outbox.KeptAnswers;
import dev.gantry.outbox.Publisher;
import dev.gantry.outbox.StoredCompletions;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Starts and stops a worker. A broker or database that is absent is waited for; on the way out it
 * takes no more requests, finishes what it can, gives up the rest, and leaves once everything is
 * said and committed.
 */
final class WorkerLifecycle implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(WorkerLifecycle.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** After delivery.timeout.ms: what a silent broker has not taken then goes to the spool. */
    private static final Duration FLUSH = Duration.ofSeconds(5);

    /** For a rebalance under way to settle, during which the broker takes no commit. */
    private static final Duration COMMIT = Duration.ofSeconds(5);

    /** Local servers are started together with workers: their models may be late. */
    private static final Duration LISTS = Duration.ofSeconds(10);

    private final IntakeSettings settings;
    private final TopicSettings topics;
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
            StoredCompletions finished,
            KeptAnswers answers,
            ModelDiscovery discovery) {}

    private volatile @Nullable Thread starter;
    private volatile boolean stopping;

    WorkerLifecycle(
            IntakeSettings settings,
            TopicSettings topics,
            KafkaDefaults kafka,
            FleetSchema schema,
            WorkerHeartbeat heartbeat,
            Parts parts) {
        this.settings = settings;
        this.topics = topics;
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

    private void joinFleet() throws InterruptedException {
        schema.awaitMigrated();
        heartbeat.start();
        parts.publisher().startSpooling();
        parts.circuits().start();
        parts.finished().start();
        parts.answers().start();
    }

    private void joinGroup(Thread database) throws InterruptedException {
        try (Admin admin = awaitClient(() -> Admin.create(kafka.adminProperties()))) {
            Topics wanted =
                    new Topics(admin, topics, kafka.maxRecordBytes(), kafka.maxRequestSize());
            Topics.Readiness.Ready ready = awaitTopics(wanted);
            parts.delivery().limitTo(ready.maxResultSize(), ready.maxAuditSize());
            boolean consumerProtocol = awaitProtocol(admin);
            awaitClient(
                    () -> {
                        parts.publisher().open();
                        return parts.publisher();
                    });
            parts.publisher().learn(topics.written());
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
                    .addKeyValue("group", settings.group())
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
        String lastReason = "";
        while (true) {
            try {
                return client.get();
            } catch (KafkaException e) {
                if (!ClientTrouble.passes(e)) {
                    throw e;
                }
                String reason = ClientTrouble.reason(e) + ": " + kafka.servers();
                if (!reason.equals(lastReason)) {
                    log.atWarn().addKeyValue("reason", reason).log("waiting for the broker");
                    lastReason = reason;
                }
            }
            Thread.sleep(RETRY);
        }
    }

    private static Topics.Readiness.Ready awaitTopics(Topics topics) throws InterruptedException {
        String lastReason = "";
        while (true) {
            switch (topics.prepare()) {
                case Topics.Readiness.Ready ready -> {
                    return ready;
                }
                case Topics.Readiness.NotYet(String reason) -> {
                    if (!reason.equals(lastReason)) {
                        log.atWarn().addKeyValue("reason", reason).log("waiting for the broker");
                        lastReason = reason;
                    }
                }
            }
            Thread.sleep(RETRY);
        }
    }

    private boolean awaitProtocol(Admin admin) throws InterruptedException {
        while (true) {
            try {
                return Intake.joinsByConsumerProtocol(settings, admin);
            } catch (ExecutionException e) {
                log.atWarn()
                        .addKeyValue("reason", String.valueOf(e.getCause()))
                        .log("waiting for the broker to say which group protocol it speaks");
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
            parts.intake().drain(settings.drainTimeout());
            // What they still have to say is among what is flushed.
            parts.circuits().close();
            boolean said = parts.publisher().flush(kafka.deliveryTimeout().plus(FLUSH));
            parts.intake().awaitCommitted(COMMIT);
            parts.intake().stop();
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
