package dev.gantry.launch.training;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a connection's consumer reads, of which it tells the changes only. */
final class FetchSession {
    private record Place(Uuid topic, int partition) {}

    private final int id;
    private final Map<Place, Long> wanted = new LinkedHashMap<>();

    /** Whether the answer names partitions without records too. */
    private boolean full;

    private boolean known;

    FetchSession(int id) {
        this.id = id;
    }

    /** Returns whether the consumer's session is this one. */
    boolean follow(FetchRequestData asked) {
        full = asked.sessionEpoch() <= FetchMetadata.INITIAL_EPOCH;
        if (full) {
            wanted.clear();
            known = asked.sessionEpoch() == FetchMetadata.INITIAL_EPOCH;
        } else if (!known || asked.sessionId() != id) {
            return false;
        }
        asked.forgottenTopicsData()
                .forEach(
                        topic ->
                                topic.partitions()
                                        .forEach(
                                                each ->
                                                        wanted.remove(
                                                                new Place(topic.topicId(), each))));
        asked.topics()
                .forEach(
                        topic ->
                                topic.partitions()
                                        .forEach(
                                                each ->
                                                        wanted.put(
                                                                new Place(
                                                                        topic.topicId(),
                                                                        each.partition()),
                                                                each.fetchOffset())));
        return true;
    }

    /** Null: there is nothing to tell. A batch of each partition, however large. */
    @Nullable FetchResponseData news(Function<Uuid, @Nullable LoopbackTopic> topics) {
        List<FetchableTopicResponse> answers = new ArrayList<>();
        boolean telling = false;
        for (Map.Entry<Place, Long> each : wanted.entrySet()) {
            PartitionData part = part(topics.apply(each.getKey().topic()), each);
            boolean told = part.errorCode() != 0 || part.records().sizeInBytes() > 0;
            if (told || full) {
                answers.add(
                        new FetchableTopicResponse()
                                .setTopicId(each.getKey().topic())
                                .setPartitions(List.of(part)));
            }
            telling |= told;
        }
        return telling ? answer().setResponses(answers) : null;
    }

    private static PartitionData part(@Nullable LoopbackTopic topic, Map.Entry<Place, Long> read) {
        PartitionData part =
                new PartitionData()
                        .setPartitionIndex(read.getKey().partition())
                        .setRecords(MemoryRecords.EMPTY);
        if (topic == null) {
            return part.setErrorCode(Errors.UNKNOWN_TOPIC_ID.code());
        }
        LoopbackTopic.Partition log = topic.partition(read.getKey().partition());
        return part.setHighWatermark(log.end())
                .setLastStableOffset(log.end())
                .setLogStartOffset(0)
                .setRecords(log.from(read.getValue()));
    }

    /** Without news. */
    FetchResponseData answer() {
        return new FetchResponseData()
                .setSessionId(known ? id : FetchMetadata.INVALID_SESSION_ID)
                .setErrorCode(Errors.NONE.code());
    }
}
