package dev.gantry.observe;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.inference.LaneId;
import dev.gantry.intake.Intake;
import dev.gantry.intake.position.PartitionState;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * {@code gantry.backlog}: end offset less completed, over the partitions that this worker owns, and
 * how much of that more workers would not help.
 *
 * <p>Asked of the broker beside the poll loop, because a paused consumer's own idea of the end
 * grows stale.
 */
public final class ConsumerLag implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConsumerLag.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final int TIMEOUT_MS = 5_000;

    private final Intake intake;
    private final Supplier<Predicate<LaneId>> takesCalls;
    private final Supplier<Admin> admins;
    private final BackgroundLoop loop = BackgroundLoop.waiting("backlog", this::run);

    /** By topic; null until the broker has been asked. */
    private volatile @Nullable Map<String, TopicBacklog> topics;

    /**
     * @param takesCalls which lanes take calls now
     */
    public ConsumerLag(
            Intake intake, Supplier<Predicate<LaneId>> takesCalls, Supplier<Admin> admins) {
        this.intake = intake;
        this.takesCalls = takesCalls;
        this.admins = admins;
    }

    public void start() {
        loop.start();
    }

    TopicBacklog of(String topic) {
        Map<String, TopicBacklog> known = topics;
        return known == null
                ? TopicBacklog.UNKNOWN
                : known.getOrDefault(topic, new TopicBacklog(0, 0));
    }

    private void run() throws InterruptedException {
        Admin admin;
        try {
            admin = admins.get();
        } catch (KafkaException e) {
            // None is made while no broker's name resolves; the worker's start says so.
            log.atDebug().addKeyValue("reason", e.toString()).log("backlog not known");
            Thread.sleep(PERIOD);
            return;
        }
        try {
            while (true) {
                look(admin);
                Thread.sleep(PERIOD);
            }
        } finally {
            admin.close(Duration.ZERO); // a worker ends, whatever the broker does
        }
    }

    /** A broker that is away makes the gauge old, nothing more. */
    private void look(Admin admin) throws InterruptedException {
        try {
            topics = count(admin);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            log.atDebug().addKeyValue("reason", e.toString()).log("backlog not known");
        }
    }

    private Map<String, TopicBacklog> count(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        // Where nothing is known yet, the whole log would count.
        List<PartitionState> owned =
                intake.partitions().stream()
                        .filter(state -> state.watermark() != PartitionState.UNKNOWN)
                        .toList();
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        owned.forEach(state -> asked.put(partition(state), OffsetSpec.latest()));
        ListOffsetsResult ends =
                admin.listOffsets(
                        asked,
                        new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)
                                .timeoutMs(TIMEOUT_MS));
        Map<String, List<TopicBacklog.Part>> parts = new HashMap<>();
        for (PartitionState state : owned) {
            long end =
                    ends.partitionResult(partition(state))
                            .get(TIMEOUT_MS, TimeUnit.MILLISECONDS)
                            .offset();
            parts.computeIfAbsent(state.topic(), _ -> new ArrayList<>())
                    .add(new TopicBacklog.Part(state, end));
        }
        Map<String, Integer> limited = intake.limited(takesCalls.get());
        Map<String, TopicBacklog> backlogs = new HashMap<>();
        parts.forEach(
                (topic, some) ->
                        backlogs.put(
                                topic,
                                TopicBacklog.of(
                                        some,
                                        limited.getOrDefault(topic, 0),
                                        !intake.parkedFull())));
        return backlogs;
    }

    private static TopicPartition partition(PartitionState state) {
        return new TopicPartition(state.topic(), state.partition());
    }

    @Override
    public void close() {
        loop.close();
    }
}
