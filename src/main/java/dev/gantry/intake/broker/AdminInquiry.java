package dev.gantry.intake.broker;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/** Asks by the admin client, which changes nothing in the consumer and holds nobody up. */
final class AdminInquiry implements Inquiry {
    private static final int TIMEOUT_MS = 5_000;

    private final Admin admin;
    private final String group;
    private final ResetPolicy policy;
    private final IsolationLevel isolation;
    private final InstantSource clock;

    AdminInquiry(
            Admin admin,
            String group,
            ResetPolicy policy,
            IsolationLevel isolation,
            InstantSource clock) {
        this.admin = admin;
        this.group = group;
        this.policy = policy;
        this.isolation = isolation;
        this.clock = clock;
    }

    /**
     * The ids come first: a topic that is made anew meanwhile is then taken for the old one, which
     * is noticed later, and not the other way round.
     */
    @Override
    public Answer ask(Collection<TopicPartition> partitions) throws InterruptedException {
        Set<TopicPartition> all = new HashSet<>(partitions);
        Map<TopicPartition, String> trouble = new HashMap<>();
        try {
            Map<String, Uuid> topics = topics(all);
            Map<TopicPartition, OffsetAndMetadata> committed = committed(all);
            ListOffsetsResult starts = offsets(all, OffsetSpec.earliest());
            ListOffsetsResult ends = offsets(all, OffsetSpec.latest());
            Map<TopicPartition, LogFacts> facts = new HashMap<>();
            for (TopicPartition each : all) {
                if (!told(committed, each)) {
                    trouble.put(each, "the group's position was not told");
                    continue;
                }
                try {
                    long start = starts.partitionResult(each).get().offset();
                    facts.put(
                            each,
                            new LogFacts(
                                    topics.getOrDefault(each.topic(), Uuid.ZERO_UUID),
                                    start,
                                    ends.partitionResult(each).get().offset(),
                                    initial(each, start),
                                    committed.get(each)));
                } catch (ExecutionException e) {
                    trouble.put(each, String.valueOf(e.getCause()));
                }
            }
            return new Answer(facts, trouble);
        } catch (ExecutionException e) {
            all.forEach(each -> trouble.put(each, String.valueOf(e.getCause())));
            return new Answer(Map.of(), trouble);
        }
    }

    private Map<String, Uuid> topics(Set<TopicPartition> partitions)
            throws InterruptedException, ExecutionException {
        Set<String> names =
                partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
        Map<String, Uuid> ids = new HashMap<>();
        admin.describeTopics(names, new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
                .allTopicNames()
                .get()
                .forEach((name, topic) -> ids.put(name, topic.topicId()));
        return ids;
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions)
            throws InterruptedException, ExecutionException {
        return admin.listConsumerGroupOffsets(
                        Map.of(
                                group,
                                new ListConsumerGroupOffsetsSpec()
                                        .topicPartitions(List.copyOf(partitions))),
                        new ListConsumerGroupOffsetsOptions()
                                .requireStable(true)
                                .timeoutMs(TIMEOUT_MS))
                .partitionsToOffsetAndMetadata(group)
                .get();
    }

    /**
     * Whether the broker has said what is committed of a partition, if only that nothing is: the
     * client leaves out what it could not find out.
     */
    static boolean told(
            Map<TopicPartition, OffsetAndMetadata> committed, TopicPartition partition) {
        return committed.containsKey(partition);
    }

    private OptionalLong initial(TopicPartition partition, long start)
            throws InterruptedException, ExecutionException {
        return switch (policy) {
            case ResetPolicy.Earliest _ -> OptionalLong.of(start);
            case ResetPolicy.Latest _ -> OptionalLong.of(end(partition));
            case ResetPolicy.ByDuration(var age) ->
                    OptionalLong.of(since(partition, clock.instant().minus(age)));
            case ResetPolicy.None _ -> OptionalLong.empty();
        };
    }

    /** As a consumer sees it, which reads no open transaction. */
    private long end(TopicPartition partition) throws InterruptedException, ExecutionException {
        return admin.listOffsets(
                        Map.of(partition, OffsetSpec.latest()),
                        new ListOffsetsOptions(isolation).timeoutMs(TIMEOUT_MS))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private long since(TopicPartition partition, Instant time)
            throws InterruptedException, ExecutionException {
        long offset =
                offsets(Set.of(partition), OffsetSpec.forTimestamp(time.toEpochMilli()))
                        .partitionResult(partition)
                        .get()
                        .offset();
        return offset < 0 ? end(partition) : offset;
    }

    private ListOffsetsResult offsets(Set<TopicPartition> partitions, OffsetSpec where) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(each -> asked.put(each, where));
        return admin.listOffsets(
                asked,
                new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED).timeoutMs(TIMEOUT_MS));
    }
}
