package dev.gantry.intake;

import dev.gantry.handover.Handover;
import dev.gantry.handover.HeldRequests;
import dev.gantry.inference.SourcePosition;
import dev.gantry.intake.position.HeldRecords;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.SkippedRequests;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The partitions this worker owns, as they come and go. Called on the consumer thread, apart from
 * what becomes of requests that others hold.
 */
public final class Assignments implements ConsumerAwareRebalanceListener, HeldRequests {
    private static final Logger log = LoggerFactory.getLogger(Assignments.class);

    private final Map<TopicPartition, AssignedPartition> works = new ConcurrentHashMap<>();
    private final HeldRecords held = new HeldRecords();
    private final Map<String, HeldRecords> heldOf = new ConcurrentHashMap<>();
    private final Dispatcher dispatcher;
    private final OffsetCommitter committer;
    private final Handover handover;
    private final ReadPositions positions;
    private final Departures departures;

    public Assignments(
            Departures.Means means,
            CompletedLookup lookup,
            SkippedRequests skipped,
            LogResets logResets) {
        this.dispatcher = means.dispatcher();
        this.committer = means.committer();
        this.handover = means.handover();
        this.positions = new ReadPositions(works, lookup, skipped, logResets);
        this.departures = new Departures(works, means);
    }

    Departures departures() {
        return departures;
    }

    ReadPositions positions() {
        return positions;
    }

    /** Live view; other threads read it for health pages. */
    Map<TopicPartition, AssignedPartition> works() {
        return works;
    }

    @Nullable AssignedPartition of(TopicPartition partition) {
        return works.get(partition);
    }

    /** Whether the broker has every watermark and map as it is now. */
    boolean allCommitted() {
        return works.values().stream().allMatch(committer::hasAllOf);
    }

    HeldRecords held() {
        return held;
    }

    /** Of one topic. */
    HeldRecords held(String topic) {
        HeldRecords known = heldOf.get(topic);
        return known == null ? heldOf.computeIfAbsent(topic, _ -> held.part()) : known;
    }

    @Override
    public void onPartitionsAssigned(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        Map<TopicPartition, AssignedPartition> opened = new HashMap<>();
        for (TopicPartition partition : partitions) {
            opened.put(
                    partition, new AssignedPartition(partition, held(partition.topic()), handover));
        }
        works.putAll(opened);
        positions.assigned(consumer, opened.values());
        log.atInfo().addKeyValue("partitions", partitions).log("partitions assigned");
    }

    /** Hands over what has begun in them; where that cannot be, see revoke-grace. */
    @Override
    public void onPartitionsRevokedBeforeCommit(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, AssignedPartition> leaving = new HashMap<>(works);
        leaving.keySet().retainAll(new HashSet<>(partitions));
        if (!leaving.isEmpty()) {
            departures.revoked(consumer, leaving);
        }
    }

    /** Somebody else owns them already: nothing may be committed. */
    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, AssignedPartition> lost = new HashMap<>(works);
        lost.keySet().retainAll(new HashSet<>(partitions));
        if (lost.isEmpty()) {
            return; // given up in good order before; a client that closes may say so all the same
        }
        int givenUp = departures.lost(lost);
        log.atWarn()
                .addKeyValue("partitions", partitions)
                .addKeyValue("redelivered", givenUp)
                .log("partitions lost");
    }

    /** The consumer is gone: what nobody has told us to give up is not ours, either. */
    void loseAll() {
        departures.lost(new HashMap<>(works));
    }

    @Override
    public Collection<SourcePosition> heldElsewhere() {
        List<SourcePosition> held = new ArrayList<>();
        works.values().forEach(work -> held.addAll(work.heldElsewhere()));
        return held;
    }

    @Override
    public void done(SourcePosition request) {
        AssignedPartition work = of(request);
        if (work != null) {
            work.doneElsewhere(request);
        }
    }

    @Override
    public void released(SourcePosition request) {
        AssignedPartition work = of(request);
        InFlightRecord record = work == null ? null : work.releasedElsewhere(request);
        if (record != null) {
            dispatcher.offer(record);
        }
    }

    private @Nullable AssignedPartition of(SourcePosition request) {
        return works.get(new TopicPartition(request.topic(), request.partition()));
    }
}
