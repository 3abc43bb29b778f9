package dev.gantry.launch.training;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopicCollection;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The topics of a broker, all led by its one node. Guarded by the broker's lock. */
final class LoopbackTopics {
    private static final short UNKNOWN = Errors.UNKNOWN_TOPIC_OR_PARTITION.code();
    private static final byte OF_THE_TOPIC = 1;

    private final Map<String, LoopbackTopic> topics = new LinkedHashMap<>();
    private final int node;

    LoopbackTopics(int node) {
        this.node = node;
    }

    Collection<LoopbackTopic> all() {
        return topics.values();
    }

    /** By id where there is one: clients give either. */
    @Nullable LoopbackTopic find(@Nullable String name, Uuid id) {
        if (id.equals(Uuid.ZERO_UUID)) {
            return topics.get(name);
        }
        return topics.values().stream().filter(each -> each.id().equals(id)).findAny().orElse(null);
    }

    LoopbackTopic get(@Nullable String name, Uuid id) {
        return Objects.requireNonNull(find(name, id), "no such topic");
    }

    CreateTopicsResponseData create(CreateTopicsRequestData asked) {
        CreateTopicsResponseData answer = new CreateTopicsResponseData();
        for (var each : asked.topics()) {
            Map<String, String> configs = new LinkedHashMap<>();
            each.configs().forEach(config -> configs.put(config.name(), config.value()));
            int partitions = Math.max(1, each.numPartitions());
            boolean exists =
                    topics.putIfAbsent(
                                    each.name(),
                                    new LoopbackTopic(each.name(), partitions, configs))
                            != null;
            answer.topics()
                    .add(
                            new CreateTopicsResponseData.CreatableTopicResult()
                                    .setName(each.name())
                                    .setTopicId(get(each.name(), Uuid.ZERO_UUID).id())
                                    .setNumPartitions(partitions)
                                    .setReplicationFactor((short) 1)
                                    .setErrorCode(exists ? Errors.TOPIC_ALREADY_EXISTS.code() : 0));
        }
        return answer;
    }

    MetadataResponseTopicCollection metadata(MetadataRequestData asked) {
        MetadataResponseTopicCollection answers = new MetadataResponseTopicCollection();
        List<MetadataRequestTopic> wanted = asked.topics();
        if (wanted == null) {
            topics.values().forEach(each -> answers.add(metadata(each)));
            return answers;
        }
        for (MetadataRequestTopic each : wanted) {
            LoopbackTopic topic = find(each.name(), each.topicId());
            answers.add(
                    topic == null
                            ? new MetadataResponseTopic()
                                    .setName(each.name())
                                    .setTopicId(each.topicId())
                                    .setErrorCode(UNKNOWN)
                            : metadata(topic));
        }
        return answers;
    }

    private MetadataResponseTopic metadata(LoopbackTopic topic) {
        return new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(topic.id())
                .setPartitions(
                        topic.partitions().stream()
                                .map(
                                        index ->
                                                new MetadataResponsePartition()
                                                        .setPartitionIndex(index)
                                                        .setLeaderId(node)
                                                        .setLeaderEpoch(0)
                                                        .setReplicaNodes(List.of(node))
                                                        .setIsrNodes(List.of(node)))
                                .toList());
    }

    DescribeTopicPartitionsResponseData describe(DescribeTopicPartitionsRequestData asked) {
        DescribeTopicPartitionsResponseData answer = new DescribeTopicPartitionsResponseData();
        for (var each : asked.topics()) {
            var told = new DescribeTopicPartitionsResponseTopic().setName(each.name());
            LoopbackTopic topic = find(each.name(), Uuid.ZERO_UUID);
            answer.topics()
                    .add(
                            topic == null
                                    ? told.setErrorCode(UNKNOWN)
                                    : told.setTopicId(topic.id())
                                            .setPartitions(
                                                    topic.partitions().stream()
                                                            .map(this::described)
                                                            .toList()));
        }
        return answer;
    }

    private DescribeTopicPartitionsResponsePartition described(int index) {
        return new DescribeTopicPartitionsResponsePartition()
                .setPartitionIndex(index)
                .setLeaderId(node)
                .setLeaderEpoch(0)
                .setReplicaNodes(List.of(node))
                .setIsrNodes(List.of(node))
                .setEligibleLeaderReplicas(List.of())
                .setLastKnownElr(List.of());
    }

    DescribeConfigsResponseData configs(DescribeConfigsRequestData asked) {
        return new DescribeConfigsResponseData()
                .setResults(asked.resources().stream().map(this::configs).toList());
    }

    private DescribeConfigsResponseData.DescribeConfigsResult configs(
            DescribeConfigsRequestData.DescribeConfigsResource asked) {
        var answer =
                new DescribeConfigsResponseData.DescribeConfigsResult()
                        .setResourceType(asked.resourceType())
                        .setResourceName(asked.resourceName());
        LoopbackTopic topic = topics.get(asked.resourceName());
        if (topic == null || asked.resourceType() != ConfigResource.Type.TOPIC.id()) {
            return answer.setErrorCode(UNKNOWN);
        }
        topic.configs()
                .forEach(
                        (name, value) ->
                                answer.configs()
                                        .add(
                                                new DescribeConfigsResponseData
                                                                .DescribeConfigsResourceResult()
                                                        .setName(name)
                                                        .setValue(value)
                                                        .setConfigSource(OF_THE_TOPIC)));
        return answer;
    }

    ListOffsetsResponseData offsets(ListOffsetsRequestData asked) {
        ListOffsetsResponseData answer = new ListOffsetsResponseData();
        for (var each : asked.topics()) {
            LoopbackTopic topic = get(each.name(), Uuid.ZERO_UUID);
            answer.topics()
                    .add(
                            new ListOffsetsResponseData.ListOffsetsTopicResponse()
                                    .setName(each.name())
                                    .setPartitions(
                                            each.partitions().stream()
                                                    .map(part -> offset(topic, part))
                                                    .toList()));
        }
        return answer;
    }

    private static ListOffsetsResponseData.ListOffsetsPartitionResponse offset(
            LoopbackTopic topic, ListOffsetsRequestData.ListOffsetsPartition part) {
        boolean first = part.timestamp() == ListOffsetsRequest.EARLIEST_TIMESTAMP;
        return new ListOffsetsResponseData.ListOffsetsPartitionResponse()
                .setPartitionIndex(part.partitionIndex())
                .setOffset(first ? 0 : topic.partition(part.partitionIndex()).end())
                .setLeaderEpoch(0);
    }

    /** A batch of each partition that has one, however large. */
    FetchResponseData fetch(FetchRequestData asked) {
        FetchResponseData answer = new FetchResponseData();
        for (var each : asked.topics()) {
            LoopbackTopic topic = find(null, each.topicId());
            answer.responses()
                    .add(
                            new FetchResponseData.FetchableTopicResponse()
                                    .setTopicId(each.topicId())
                                    .setPartitions(
                                            each.partitions().stream()
                                                    .map(part -> read(topic, part))
                                                    .toList()));
        }
        return answer;
    }

    private static FetchResponseData.PartitionData read(
            @Nullable LoopbackTopic topic, FetchRequestData.FetchPartition part) {
        var data =
                new FetchResponseData.PartitionData()
                        .setPartitionIndex(part.partition())
                        .setRecords(MemoryRecords.EMPTY);
        if (topic == null) {
            return data.setErrorCode(Errors.UNKNOWN_TOPIC_ID.code());
        }
        LoopbackTopic.Partition log = topic.partition(part.partition());
        return data.setHighWatermark(log.end())
                .setLastStableOffset(log.end())
                .setLogStartOffset(0)
                .setRecords(log.from(part.fetchOffset()));
    }

    /** Whether there is more in it than what the consumer knows. */
    static boolean tells(FetchResponseData answer) {
        return answer.responses().stream()
                .flatMap(each -> each.partitions().stream())
                .anyMatch(each -> each.errorCode() != 0 || each.records().sizeInBytes() > 0);
    }

    /** Says that it has them, and forgets all but their number. */
    ProduceResponseData produce(ProduceRequestData sent) {
        ProduceResponseData answer = new ProduceResponseData();
        for (var each : sent.topicData()) {
            LoopbackTopic topic = get(each.name(), each.topicId());
            answer.responses()
                    .add(
                            new ProduceResponseData.TopicProduceResponse()
                                    .setName(each.name())
                                    .setTopicId(each.topicId())
                                    .setPartitionResponses(
                                            each.partitionData().stream()
                                                    .map(part -> taken(topic, part))
                                                    .toList()));
        }
        return answer;
    }

    private static ProduceResponseData.PartitionProduceResponse taken(
            LoopbackTopic topic, ProduceRequestData.PartitionProduceData part) {
        int count = 0;
        if (part.records() instanceof MemoryRecords records) {
            for (RecordBatch each : records.batches()) {
                count += Objects.requireNonNullElse(each.countOrNull(), 0);
            }
        }
        return new ProduceResponseData.PartitionProduceResponse()
                .setIndex(part.index())
                .setBaseOffset(topic.partition(part.index()).pass(count))
                .setLogStartOffset(0);
    }
}
