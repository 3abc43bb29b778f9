package dev.gantry.launch.training;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.TopicPartitions;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The one consumer group, whose first member has all partitions. Guarded by its broker's lock. */
final class LoopbackGroup {
    private static final int HEARTBEAT_MILLIS = 1_000;
    private static final int EPOCH = 1;
    private static final int LEAVES = -1;

    private record Place(Uuid topic, int partition) {}

    private record Position(long offset, String metadata) {}

    private final LoopbackTopics topics;
    private final Map<Place, Position> committed = new HashMap<>();
    private final List<String> members = new ArrayList<>();

    LoopbackGroup(LoopbackTopics topics) {
        this.topics = topics;
    }

    ConsumerGroupHeartbeatResponseData heartbeat(ConsumerGroupHeartbeatRequestData beat) {
        var answer =
                new ConsumerGroupHeartbeatResponseData()
                        .setMemberId(beat.memberId())
                        .setHeartbeatIntervalMs(HEARTBEAT_MILLIS);
        if (beat.memberEpoch() <= LEAVES) {
            members.remove(beat.memberId());
            return answer.setMemberEpoch(beat.memberEpoch());
        }
        if (beat.memberEpoch() == 0) {
            members.add(beat.memberId());
            answer.setAssignment(assignment(beat));
        }
        return answer.setMemberEpoch(EPOCH);
    }

    private Assignment assignment(ConsumerGroupHeartbeatRequestData beat) {
        if (!members.getFirst().equals(beat.memberId())) {
            return new Assignment();
        }
        return new Assignment()
                .setTopicPartitions(
                        beat.subscribedTopicNames().stream()
                                .map(name -> topics.find(name, Uuid.ZERO_UUID))
                                .filter(Objects::nonNull)
                                .map(
                                        topic ->
                                                new TopicPartitions()
                                                        .setTopicId(topic.id())
                                                        .setPartitions(topic.partitions()))
                                .toList());
    }

    ConsumerGroupDescribeResponseData describe(ConsumerGroupDescribeRequestData asked) {
        return new ConsumerGroupDescribeResponseData()
                .setGroups(
                        asked.groupIds().stream()
                                .map(
                                        id ->
                                                new ConsumerGroupDescribeResponseData
                                                                .DescribedGroup()
                                                        .setGroupId(id)
                                                        .setGroupState("Stable")
                                                        .setAssignorName("uniform"))
                                .toList());
    }

    OffsetCommitResponseData commit(OffsetCommitRequestData asked) {
        OffsetCommitResponseData answer = new OffsetCommitResponseData();
        for (var each : asked.topics()) {
            LoopbackTopic topic = topics.get(each.name(), each.topicId());
            for (var part : each.partitions()) {
                committed.put(
                        new Place(topic.id(), part.partitionIndex()),
                        new Position(
                                part.committedOffset(),
                                Objects.requireNonNullElse(part.committedMetadata(), "")));
                topic.partition(part.partitionIndex()).forgetBelow(part.committedOffset());
            }
            answer.topics()
                    .add(
                            new OffsetCommitResponseData.OffsetCommitResponseTopic()
                                    .setName(each.name())
                                    .setTopicId(each.topicId())
                                    .setPartitions(
                                            each.partitions().stream()
                                                    .map(
                                                            part ->
                                                                    new OffsetCommitResponseData
                                                                                    .OffsetCommitResponsePartition()
                                                                            .setPartitionIndex(
                                                                                    part
                                                                                            .partitionIndex()))
                                                    .toList()));
        }
        return answer;
    }

    OffsetFetchResponseData fetch(OffsetFetchRequestData asked) {
        return new OffsetFetchResponseData()
                .setGroups(asked.groups().stream().map(this::fetch).toList());
    }

    private OffsetFetchResponseData.OffsetFetchResponseGroup fetch(OffsetFetchRequestGroup group) {
        List<OffsetFetchRequestTopics> wanted =
                Objects.requireNonNullElseGet(group.topics(), this::all);
        return new OffsetFetchResponseData.OffsetFetchResponseGroup()
                .setGroupId(group.groupId())
                .setTopics(
                        wanted.stream()
                                .map(
                                        each ->
                                                new OffsetFetchResponseData
                                                                .OffsetFetchResponseTopics()
                                                        .setName(each.name())
                                                        .setTopicId(each.topicId())
                                                        .setPartitions(positions(each)))
                                .toList());
    }

    private List<OffsetFetchRequestTopics> all() {
        return topics.all().stream()
                .map(
                        each ->
                                new OffsetFetchRequestTopics()
                                        .setName(each.name())
                                        .setTopicId(each.id())
                                        .setPartitionIndexes(each.partitions()))
                .toList();
    }

    private List<OffsetFetchResponseData.OffsetFetchResponsePartitions> positions(
            OffsetFetchRequestTopics wanted) {
        Uuid topic = topics.get(wanted.name(), wanted.topicId()).id();
        return wanted.partitionIndexes().stream()
                .map(
                        index -> {
                            Position at =
                                    committed.getOrDefault(
                                            new Place(topic, index), new Position(-1, ""));
                            return new OffsetFetchResponseData.OffsetFetchResponsePartitions()
                                    .setPartitionIndex(index)
                                    .setCommittedOffset(at.offset())
                                    .setMetadata(at.metadata());
                        })
                .toList();
    }
}
