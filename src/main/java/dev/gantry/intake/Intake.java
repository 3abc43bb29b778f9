package dev.gantry.intake;

import dev.gantry.handover.Handover;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.broker.BrokerView;
import dev.gantry.intake.membership.ClientTrouble;
import dev.gantry.intake.membership.GroupMembership;
import dev.gantry.intake.membership.PollFailures;
import dev.gantry.intake.membership.PollThread;
import dev.gantry.intake.membership.ProtocolChoice;
import dev.gantry.intake.membership.RenewableConsumer;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.PartitionState;
import dev.gantry.intake.position.SkippedRequests;
import dev.gantry.outbox.CompletedOffsets;
import dev.gantry.request.RequestDecoder;
import dev.gantry.request.RequestTopics;
import dev.gantry.reread.FetchGuard;
import dev.gantry.reread.RecordReader;
import dev.gantry.reread.RefetchPass;
import dev.gantry.worker.RequestHandler;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.listener.ContainerProperties.AssignmentCommitOption;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Takes requests off Kafka: up to max-in-flight at work at once, each on its own virtual thread,
 * completing out of order.
 *
 * <p>Spring's container owns the poll loop and never commits; watermarks are committed by {@link
 * OffsetCommitter} on the loop's thread.
 */
public final class Intake {
    /**
     * Also how long a freed slot may stay empty while paused; the line in front of it covers that.
     */
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(50);

    /** For a rebalance under way to settle, during which the broker takes no commit. */
    private static final Duration GIVEN_WITHIN = Duration.ofSeconds(3);

    private static final Duration GIVEN_AGAIN = Duration.ofSeconds(5);
    private static final Duration COMMIT_CHECK = Duration.ofMillis(10);
    private static final int MAX_POLL_RECORDS = 500;

    private final IntakeSettings settings;
    private final RequestTopics topics;
    private final Dispatcher dispatcher;
    private final OffsetCommitter committer;
    private final Assignments assignments;
    private final Backpressure gate;
    private final PollSteps steps;
    private final RequestListener listener;
    private final FetchGuard.Bounds bounds;
    private final PollFailures trouble = new PollFailures();
    private final GroupMembership membership = new GroupMembership();
    private final RecordReader records;
    private final BrokerView broker;
    private final SkippedRequests skipped = new SkippedRequests();
    private final LogResets logResets = new LogResets();

    /** Of the consumers; set once, before the first record comes. */
    private volatile Map<String, Object> properties = Map.of();

    /** Written by the thread that starts and stops the worker, read by health pages. */
    private volatile @Nullable KafkaMessageListenerContainer<byte[], byte[]> container;

    /** The poll loop ends because it is told to. */
    private volatile boolean stopping;

    /**
     * @param topics that requests come from
     * @param otherBytes what the worker holds besides requests: answers, and what nobody has taken
     * @param shared what workers tell each other of positions
     */
    public Intake(
            IntakeSettings settings,
            RequestTopics topics,
            RequestHandler handler,
            LongSupplier otherBytes,
            Shared shared,
            InstantSource clock) {
        this.settings = settings;
        this.topics = topics;
        this.bounds =
                FetchGuard.Bounds.of(
                        settings.maxRequestSize().toBytes(), settings.maxInFlightBytes());
        this.records = new RecordReader(this::reader, bounds);
        RequestDecoder decoder = new RequestDecoder(settings.requestLimits(), topics, clock);
        var job = new RequestJob(decoder, handler, records, new Line());
        this.dispatcher = new Dispatcher(settings.maxInFlight(), job);
        this.broker = new BrokerView(topics::names, settings.group(), clock);
        this.committer =
                new OffsetCommitter(
                        shared.completed(),
                        shared.handover(),
                        broker,
                        settings.commitInterval(),
                        System.nanoTime());
        CompletedLookup lookup =
                new CompletedLookup(
                        broker,
                        shared.completed(),
                        shared.handover(),
                        CompletedLookup.Pauses.USUAL);
        Departures.Means means =
                new Departures.Means(
                        dispatcher, committer, shared.handover(), settings, this::withdrawn);
        this.assignments = new Assignments(means, lookup, skipped, logResets);
        shared.handover().serve(assignments);
        this.gate =
                new Backpressure(
                        topics, dispatcher, assignments, otherBytes, settings, pollRecords());
        this.listener = new RequestListener(assignments, dispatcher);
        Takeovers takeovers = new Takeovers(assignments, listener, skipped, bounds);
        gate.leaveAlone(takeovers::holds);
        this.steps = new PollSteps(committer, assignments, broker, gate, takeovers);
    }

    /**
     * What workers tell each other of positions, beside the group's offsets.
     *
     * @param completed what is done
     * @param handover who finishes what, although its partition is another's
     */
    public record Shared(CompletedOffsets completed, Handover handover) {}

    /** Where records wait that want a lane. */
    private final class Line implements RequestJob.Parking {
        /** The first to wait keep their bodies; once half the room is taken, others do not. */
        @Override
        public boolean lean() {
            return assignments.held().bytes() > settings.maxInFlightBytes() / 2;
        }

        @Override
        public void park(InFlightRecord inFlight, SuspendedRun run) {
            dispatcher.park(inFlight, run);
        }
    }

    /** For single records: a member of no group, at no committed offset. */
    private Consumer<byte[], byte[]> reader() {
        return new KafkaConsumer<>(RefetchPass.properties(properties));
    }

    /** Whether the worker is to join by KIP-848; the setting auto asks the broker. */
    public static boolean joinsByConsumerProtocol(IntakeSettings settings, Admin admin)
            throws ExecutionException, InterruptedException {
        return ProtocolChoice.byConsumerProtocol(settings.groupProtocol(), admin);
    }

    /**
     * Joins the group and begins to poll.
     *
     * @param properties complete consumer properties, apart from the group and its protocol
     * @param consumerProtocol whether to join by KIP-848 at first
     * @param ended run if the poll loop ends by itself: nothing is taken any more
     * @throws KafkaException if there is no client to be had; nothing is begun then, and it may be
     *     tried again if that {@linkplain ClientTrouble#passes passes}
     */
    public void start(Map<String, Object> properties, boolean consumerProtocol, Runnable ended) {
        this.properties = Map.copyOf(properties);
        Map<String, Object> complete = new HashMap<>(properties);
        complete.put(ConsumerConfig.GROUP_ID_CONFIG, settings.group());
        complete.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        complete.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        complete.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        broker.open(properties);
        complete.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, pollRecords());
        complete.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetchBytes());
        ProtocolChoice group = new ProtocolChoice(settings.groupProtocol(), consumerProtocol);
        KafkaMessageListenerContainer<byte[], byte[]> started =
                new KafkaMessageListenerContainer<>(
                        consumers(group, complete), containerProperties(ended));
        started.setCommonErrorHandler(trouble);
        started.setBeanName("intake");
        // Broker and database may have been waited for since this was made, for hours.
        membership.begins();
        steps.beat();
        container = started;
        started.start();
    }

    private ConsumerFactory<byte[], byte[]> consumers(
            ProtocolChoice group, Map<String, Object> complete) {
        var means =
                new RenewableConsumer.Means(
                        group, topics::names, steps, membership, trouble, bounds);
        return new DefaultKafkaConsumerFactory<>(complete) {
            @Override
            protected Consumer<byte[], byte[]> createRawConsumer(Map<String, Object> configs) {
                return RenewableConsumer.of(means, configs);
            }
        };
    }

    private ContainerProperties containerProperties(Runnable ended) {
        ContainerProperties properties =
                new ContainerProperties(topics.names().toArray(String[]::new));
        properties.setListenerTaskExecutor(new PollThread(() -> stopping, ended));
        properties.setMessageListener(listener);
        properties.setConsumerRebalanceListener(assignments);
        properties.setAckMode(AckMode.MANUAL);
        properties.setAssignmentCommitOption(AssignmentCommitOption.NEVER);
        properties.setPollTimeout(POLL_TIMEOUT.toMillis());
        // Stopping revokes every partition, which may wait for calls and then commits.
        properties.setShutdownTimeout(settings.revokeGrace().plusSeconds(15).toMillis());
        return properties;
    }

    /**
     * Takes no more requests, leaves the group if others can be told of what goes on here, lets
     * those at work finish for {@code limit}, and gives up the rest.
     */
    public void drain(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        gate.drain();
        dispatcher.drain();
        boolean member = true;
        boolean idle;
        do {
            // While the database is away partitions stay; they go once it is back.
            if (member && (container == null || assignments.departures().giveAll(GIVEN_WITHIN))) {
                leave();
                member = false;
            }
            long left = deadline - System.nanoTime();
            long nanos = member ? Math.min(left, GIVEN_AGAIN.toNanos()) : left;
            idle = dispatcher.awaitIdle(Duration.ofNanos(nanos));
        } while (!idle && deadline - System.nanoTime() > 0);
        dispatcher.stop();
        if (!idle) {
            assignments.departures().cancelAll();
            // Cancelled calls end at once; what remains is metering them.
            dispatcher.awaitIdle(settings.revokeGrace());
        }
    }

    /**
     * Waits until the broker has every offset that is done. Leaving the group commits too, but a
     * classic member that leaves in the middle of a rebalance has lost its partitions by then.
     */
    public void awaitCommitted(Duration limit) throws InterruptedException {
        committer.hurry();
        long deadline = System.nanoTime() + limit.toNanos();
        while (!assignments.allCommitted() && System.nanoTime() < deadline) {
            Thread.sleep(COMMIT_CHECK);
        }
    }

    private void leave() {
        stopping = true;
        KafkaMessageListenerContainer<byte[], byte[]> running = container;
        if (running != null) {
            running.stop();
        }
    }

    /** Commits what is done and leaves the group, if it has not before. */
    public void stop() {
        leave();
        records.close();
        broker.close();
    }

    /** Of what one broker sends at once, and the client holds beside what the worker does. */
    private int fetchBytes() {
        return Math.clamp(
                settings.maxInFlightBytes() / 8, 1 << 20, ConsumerConfig.DEFAULT_FETCH_MAX_BYTES);
    }

    private int pollRecords() {
        return Math.clamp(settings.maxInFlight() / 4, 1, MAX_POLL_RECORDS);
    }

    /**
     * Since the poll loop last came by; empty before it was started. A loop that has ended never
     * comes by again.
     */
    public Optional<Duration> sinceLastPoll() {
        return container == null
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(System.nanoTime() - steps.lastBeatNanos()));
    }

    /** Whether the first poll has begun. */
    public boolean polling() {
        KafkaMessageListenerContainer<byte[], byte[]> running = container;
        return running != null && running.isRunning() && steps.polled();
    }

    /** Why polls fail now; empty if they do not. */
    public Optional<String> trouble() {
        return trouble.current();
    }

    /** Why the broker is asked in vain, beside the polls; empty if it answers. */
    public Optional<Throwable> unheard() {
        return Optional.ofNullable(broker.unheard());
    }

    /** What was passed over without having been read. */
    public SkippedRequests skipped() {
        return skipped;
    }

    /** Why the worker is no member of its group; empty if it is one, with or without partitions. */
    public Optional<String> noMember() {
        return container == null ? Optional.empty() : membership.reason();
    }

    /** How long it has been none although the broker answers; zero if it is one. */
    public Duration refusedFor() {
        return container == null ? Duration.ZERO : membership.refusedFor();
    }

    /** Where reading went back because the log is not the one it was. */
    public LogResets logResets() {
        return logResets;
    }

    /** Topics of requests that do not exist: they are waited for. */
    public List<String> missingTopics() {
        return broker.last().missing();
    }

    /**
     * Gives its partitions to others, and takes none until {@link #rejoin}: what it fetches would
     * only wait here.
     */
    public void withdraw() {
        gate.withdraw(true);
    }

    public void rejoin() {
        gate.withdraw(false);
    }

    /** Whether it has left its partitions to others for now. */
    public boolean withdrawn() {
        return gate.withdrawn();
    }

    public boolean draining() {
        return gate.draining();
    }

    /** Whether the worker holds as much as it may and has paused its partitions. */
    public boolean full() {
        return gate.shut();
    }

    /** Bytes of the requests taken and not done. */
    public long heldBytes() {
        return assignments.held().bytes();
    }

    /** Requests at work. */
    public int inFlight() {
        return dispatcher.running();
    }

    /** Requests in line for a slot or for a lane. */
    public int waiting() {
        return dispatcher.waiting() + dispatcher.parked();
    }

    /** Of these, the requests whose lanes do not take them now. */
    public int parked() {
        return dispatcher.parked();
    }

    /** Whether partitions are paused because too many requests wait. */
    public boolean parkedFull() {
        return gate.parkedFull();
    }

    /**
     * By topic, the waiting requests that more workers would not help.
     *
     * @param takesCalls which lanes take calls now
     */
    public Map<String, Integer> limited(Predicate<LaneId> takesCalls) {
        Map<String, Integer> limited = new HashMap<>();
        assignments
                .works()
                .forEach(
                        (partition, work) ->
                                limited.merge(
                                        partition.topic(),
                                        work.open().limited(takesCalls),
                                        Integer::sum));
        return limited;
    }

    /** Requests that this worker finishes for partitions that are others' now. */
    public int handedOver() {
        return assignments.departures().goingOn();
    }

    /** Requests of this worker's partitions that others finish. */
    public int heldElsewhere() {
        return assignments.heldElsewhere().size();
    }

    /** One row per partition owned. */
    public List<PartitionState> partitions() {
        long now = System.nanoTime();
        return assignments.works().values().stream()
                .map(work -> work.state(now))
                .sorted(Comparator.comparingInt(PartitionState::partition))
                .toList();
    }
}
