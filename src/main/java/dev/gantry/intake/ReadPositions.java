package dev.gantry.intake;

import dev.gantry.intake.CompletedLookup.Finding;
import dev.gantry.intake.CompletedLookup.Question;
import dev.gantry.intake.broker.LogFacts;
import dev.gantry.intake.broker.TopicSight.Sighting;
import dev.gantry.intake.broker.TopicSight.Sightings;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.ResumePoint;
import dev.gantry.intake.position.SkippedRequests;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where each partition is read. The consumer has no say in it: it fetches nothing of a partition
 * until it is known where to begin, and what it finds out of range or cut off is decided here. Used
 * on the consumer thread only.
 */
final class ReadPositions {
    private static final Logger log = LoggerFactory.getLogger(ReadPositions.class);

    /** For the broker to say where a log parted; it answers in milliseconds. */
    private static final Duration CHECKED_WITHIN = Duration.ofSeconds(10);

    private static final String UNCHECKED =
            "the broker does not say whether its log is the one that was read";

    /** By so much one broker may know of a topic's end before another. */
    private static final Duration METADATA_LAG = Duration.ofSeconds(2);

    /** While nobody can say which topic it is, no more than this is remembered. */
    private static final Duration RECENT = Duration.ofSeconds(30);

    private final Map<TopicPartition, AssignedPartition> works;
    private final CompletedLookup lookup;
    private final SkippedRequests skipped;
    private final LogResets logResets;

    /** The topics that were read, of partitions given away too. */
    private final Map<TopicPartition, LogEpoch> read = new HashMap<>();

    /** Partitions whose last known offset the broker compares with its log, and until when. */
    private final Map<AssignedPartition, Long> checked = new HashMap<>();

    /**
     * @param works live, of the partitions owned
     */
    ReadPositions(
            Map<TopicPartition, AssignedPartition> works,
            CompletedLookup lookup,
            SkippedRequests skipped,
            LogResets logResets) {
        this.works = works;
        this.lookup = lookup;
        this.skipped = skipped;
        this.logResets = logResets;
    }

    /** Nothing is fetched of them until it is known where to begin. */
    void assigned(Consumer<?, ?> consumer, Collection<AssignedPartition> opened) {
        List<TopicPartition> partitions =
                opened.stream().map(AssignedPartition::partition).toList();
        // Without a position the consumer would look for one itself.
        partitions.forEach(partition -> consumer.seek(partition, 0));
        consumer.pause(partitions);
        lookup.ask(opened, Question.WHERE_TO_BEGIN);
    }

    /** Takes what has been found out. */
    void beforePoll(Consumer<?, ?> consumer, Sightings seen) {
        for (Finding each = lookup.next(); each != null; each = lookup.next()) {
            if (ours(consumer, each.work())) {
                applied(consumer, each);
            }
        }
        for (AssignedPartition work : works.values()) {
            if (seen.of(work.partition().topic()) instanceof Sighting.There(Uuid id, long asked)) {
                compare(work, id, asked);
            } else {
                work.verified(System.nanoTime() - RECENT.toNanos());
            }
        }
        for (AssignedPartition work : works.values()) {
            LogResets.Place noticed = work.noticed();
            if (noticed != null) {
                logResets.add(noticed);
            }
        }
        for (AssignedPartition work : List.copyOf(checked.keySet())) {
            check(consumer, work);
        }
    }

    /** The KIP-848 client may have taken it away already, though it is not told yet. */
    private boolean ours(Consumer<?, ?> consumer, AssignedPartition work) {
        return works.get(work.partition()) == work
                && consumer.assignment().contains(work.partition());
    }

    /** Whatever comes of a finding: a partition that is not read is asked for again. */
    private void applied(Consumer<?, ?> consumer, Finding finding) {
        try {
            apply(consumer, finding);
        } catch (RuntimeException e) {
            AssignedPartition work = finding.work();
            log.atWarn()
                    .addKeyValue("partition", work.partition())
                    .setCause(e)
                    .log("not read yet; it is asked again");
            var _ = work.stillPending("what was found out about it cannot be used: " + e);
            lookup.askLater(work, finding.question());
        }
    }

    private void apply(Consumer<?, ?> consumer, Finding finding) {
        AssignedPartition work = finding.work();
        LogFacts facts = finding.facts();
        ResumePoint resumePoint =
                switch (finding.question()) {
                    case WHERE_TO_BEGIN ->
                            ResumePoint.at(
                                    facts, read.getOrDefault(work.partition(), LogEpoch.UNKNOWN));
                    case WHERE_TO_GO_ON ->
                            ResumePoint.outOfRange(work.lineage(), work.position(), facts);
                };
        read.put(work.partition(), new LogEpoch(facts.topic(), LogEpoch.NO_EPOCH));
        switch (resumePoint) {
            case ResumePoint.Hold(String why) -> {
                var _ = work.stillPending(why);
                lookup.askLater(work, finding.question());
            }
            case ResumePoint.StartOver(OffsetMap map, LogResets.Reason reason) -> {
                OffsetAndMetadata committed = facts.committed();
                long from =
                        finding.question() == Question.WHERE_TO_BEGIN && committed != null
                                ? committed.offset()
                                : work.position();
                logResets.add(new LogResets.Place(work.partition(), reason, from, map.base()));
                work.startOver(map);
                readOn(consumer, work, map.base());
            }
            case ResumePoint.GoOn(OffsetMap map) -> goOn(consumer, finding, map);
        }
    }

    private void goOn(Consumer<?, ?> consumer, Finding finding, OffsetMap map) {
        AssignedPartition work = finding.work();
        if (finding.question() == Question.WHERE_TO_BEGIN) {
            work.settle(map, finding.facts().committed(), finding.finished(), finding.handedOver());
        }
        long top = work.top();
        int epoch = work.lineage().epoch();
        skip(work, finding.facts().start());
        if (epoch == LogEpoch.NO_EPOCH) {
            readOn(consumer, work, work.position());
            return;
        }
        seek(consumer, work, top, epoch);
        checked.put(work, System.nanoTime() + CHECKED_WITHIN.toNanos());
    }

    /** What lies below the log's start is passed over. */
    private void skip(AssignedPartition work, long start) {
        long from = work.position();
        if (from >= start) {
            return;
        }
        long lost = work.undoneBelow(start);
        work.delivered(start);
        if (lost > 0) {
            skipped.add(
                    new SkippedRequests.Place(
                            work.partition(),
                            SkippedRequests.Reason.DELETED,
                            lost,
                            from,
                            start - 1));
        }
    }

    private static void readOn(Consumer<?, ?> consumer, AssignedPartition work, long position) {
        consumer.seek(work.partition(), position);
        work.pending(null);
    }

    /** The consumer lets the broker say first whether that is where the epoch's log goes. */
    private static void seek(Consumer<?, ?> consumer, AssignedPartition work, long to, int epoch) {
        consumer.seek(work.partition(), new OffsetAndMetadata(to, Optional.of(epoch), ""));
    }

    private void compare(AssignedPartition work, Uuid id, long asked) {
        if (!work.lineage().strangerTo(id)) {
            work.verified(asked - METADATA_LAG.toNanos());
        } else if (!work.pending()) {
            lookAgain(List.of(work), "the topic was made anew");
        }
    }

    private void lookAgain(List<AssignedPartition> lost, String why) {
        lost.forEach(work -> work.pending(why));
        lost.forEach(checked::remove);
        if (!lost.isEmpty()) {
            lookup.ask(lost, Question.WHERE_TO_GO_ON);
        }
    }

    /** The broker's answer comes with a later poll. */
    private void check(Consumer<?, ?> consumer, AssignedPartition work) {
        if (!ours(consumer, work)) {
            checked.remove(work);
            return;
        }
        try {
            goOnFrom(consumer, work, consumer.position(work.partition(), Duration.ZERO));
        } catch (InvalidOffsetException e) {
            invalid(consumer, e);
        } catch (TimeoutException _) {
            Long until = checked.get(work);
            // Not read on: what came in the place of what is gone would pass for done.
            if (until != null && System.nanoTime() - until >= 0 && work.stillPending(UNCHECKED)) {
                log.atWarn().addKeyValue("partition", work.partition()).log(UNCHECKED);
            }
        }
    }

    /**
     * The log is the one that was read, up to here. The epoch stays with the position: until a
     * record comes, the consumer has no other by which to notice that the log's end is cut off.
     */
    private void goOnFrom(Consumer<?, ?> consumer, AssignedPartition work, long verified) {
        checked.remove(work);
        long position = work.position();
        if (position > verified) {
            readOn(consumer, work, position);
            return;
        }
        if (position < verified) {
            seek(consumer, work, position, work.lineage().epoch());
        }
        work.pending(null);
    }

    /**
     * The poll has brought nothing, for this reason. Where it is that the consumer knows no
     * position, it was quicker than we, who are about to give it one.
     */
    void invalid(Consumer<?, ?> consumer, InvalidOffsetException found) {
        List<AssignedPartition> lost = new ArrayList<>();
        for (TopicPartition partition : found.partitions()) {
            AssignedPartition work = works.get(partition);
            boolean expected = work != null && work.pending() && !checked.containsKey(work);
            if (work == null || expected) {
                continue;
            }
            OffsetAndMetadata end = divergence(found, partition);
            if (end != null) {
                cut(consumer, work, end);
                continue;
            }
            if (found instanceof LogTruncationException) {
                // The broker knows no such epoch any more, and nothing more is to be had by it.
                work.cut(work.top(), LogEpoch.NO_EPOCH);
            }
            lost.add(work);
        }
        lookAgain(lost, "the broker has nothing at the position");
    }

    private static @Nullable OffsetAndMetadata divergence(
            InvalidOffsetException found, TopicPartition partition) {
        return found instanceof LogTruncationException truncation
                ? truncation.divergentOffsets().get(partition)
                : null;
    }

    private void cut(Consumer<?, ?> consumer, AssignedPartition work, OffsetAndMetadata end) {
        logResets.add(
                new LogResets.Place(
                        work.partition(), LogResets.Reason.TRUNCATED, work.top(), end.offset()));
        int epoch = end.leaderEpoch().orElse(LogEpoch.NO_EPOCH);
        work.cut(end.offset(), epoch);
        checked.remove(work);
        if (epoch != LogEpoch.NO_EPOCH && work.position() == end.offset()) {
            seek(consumer, work, end.offset(), epoch);
            work.pending(null);
        } else {
            readOn(consumer, work, work.position());
        }
    }
}
