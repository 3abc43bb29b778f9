package dev.gantry.launch.training;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.ResponseHeader;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A Kafka broker for this process alone: one node, one consumer group by KIP-848, and no memory of
 * what clients send. What there is to read, {@link #append} puts there.
 */
final class LoopbackBroker implements AutoCloseable {
    private static final int NODE = 1;
    private static final String HOST = "127.0.0.1";
    private static final String CLUSTER = "loopback";

    /** Clients that see a 1 here join groups by KIP-848. */
    private static final String GROUP_FEATURE = "group.version";

    private static final List<ApiKeys> SPOKEN =
            List.of(
                    ApiKeys.API_VERSIONS,
                    ApiKeys.METADATA,
                    ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                    ApiKeys.CREATE_TOPICS,
                    ApiKeys.DESCRIBE_CONFIGS,
                    ApiKeys.DESCRIBE_CLUSTER,
                    ApiKeys.INIT_PRODUCER_ID,
                    ApiKeys.PRODUCE,
                    ApiKeys.FIND_COORDINATOR,
                    ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                    ApiKeys.CONSUMER_GROUP_DESCRIBE,
                    ApiKeys.OFFSET_FETCH,
                    ApiKeys.OFFSET_COMMIT,
                    ApiKeys.LIST_OFFSETS,
                    ApiKeys.FETCH);

    private final AtomicInteger numbers = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();

    /** Guarded by the lock, as is all that it leads to. */
    private final LoopbackTopics topics = new LoopbackTopics(NODE);

    private final LoopbackGroup group = new LoopbackGroup(topics);
    private final LoopbackServer server = new LoopbackServer(this::converse);

    LoopbackBroker() throws IOException {}

    String bootstrapServers() {
        return HOST + ":" + server.port();
    }

    /** Spreads the records over the partitions of a topic that a client has made. */
    void append(String topic, List<byte[]> values) {
        lock.lock();
        try {
            LoopbackTopic to = topics.get(topic, Uuid.ZERO_UUID);
            int partitions = to.partitions().size();
            int share = Math.ceilDiv(values.size(), partitions);
            for (int each = 0; each * share < values.size(); each++) {
                to.partition(each)
                        .append(
                                values.subList(
                                        each * share, Math.min((each + 1) * share, values.size())));
            }
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until so many records have ever come to a topic; false: in vain. */
    boolean awaitSize(String topic, long records, Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (size(topic) < records) {
                if (left <= 0) {
                    return false;
                }
                left = news.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private long size(String topic) {
        LoopbackTopic found = topics.find(topic, Uuid.ZERO_UUID);
        return found == null ? -1 : found.size();
    }

    private void converse(DataInputStream in, DataOutputStream out)
            throws IOException, InterruptedException {
        while (true) {
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            RequestHeader header = RequestHeader.parse(buffer);
            AbstractRequest request =
                    AbstractRequest.parseRequest(
                                    header.apiKey(),
                                    header.apiVersion(),
                                    new ByteBufferAccessor(buffer))
                            .request;
            ApiMessage answer = answer(request);
            if (request.data() instanceof ProduceRequestData sent && sent.acks() == 0) {
                continue; // who sends so does not listen
            }
            ResponseHeader head = header.toResponseHeader();
            byte[] said =
                    RequestUtils.serialize(
                                    head.data(), head.headerVersion(), answer, header.apiVersion())
                            .array();
            out.writeInt(said.length);
            out.write(said);
            out.flush();
        }
    }

    private ApiMessage answer(AbstractRequest request) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            return switch (request.data()) {
                case FetchRequestData asked -> fetch(asked);
                case ProduceRequestData sent -> {
                    news.signalAll();
                    yield topics.produce(sent);
                }
                case ConsumerGroupHeartbeatRequestData beat -> group.heartbeat(beat);
                case OffsetCommitRequestData asked -> group.commit(asked);
                case OffsetFetchRequestData asked -> group.fetch(asked);
                case ConsumerGroupDescribeRequestData asked -> group.describe(asked);
                case ListOffsetsRequestData asked -> topics.offsets(asked);
                case CreateTopicsRequestData asked -> {
                    news.signalAll();
                    yield topics.create(asked);
                }
                case DescribeConfigsRequestData asked -> topics.configs(asked);
                case DescribeTopicPartitionsRequestData asked -> topics.describe(asked);
                case MetadataRequestData asked -> metadata(asked);
                case ApiVersionsRequestData _ -> versions();
                case DescribeClusterRequestData _ -> cluster();
                case FindCoordinatorRequestData asked -> coordinators(asked);
                case InitProducerIdRequestData _ ->
                        new InitProducerIdResponseData().setProducerId(numbers.incrementAndGet());
                default ->
                        request.getErrorResponse(new UnsupportedVersionException("not spoken here"))
                                .data();
            };
        } finally {
            lock.unlock();
        }
    }

    /** Waits for records as long as the consumer does; opens no session of fetches. */
    private FetchResponseData fetch(FetchRequestData asked) throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(asked.maxWaitMs());
        FetchResponseData found = topics.fetch(asked);
        while (left > 0 && !LoopbackTopics.tells(found)) {
            left = news.awaitNanos(left);
            found = topics.fetch(asked);
        }
        return found;
    }

    private static ApiVersionsResponseData versions() {
        ApiVersionsResponseData answer = new ApiVersionsResponseData().setFinalizedFeaturesEpoch(0);
        for (ApiKeys each : SPOKEN) {
            answer.apiKeys()
                    .add(
                            new ApiVersionsResponseData.ApiVersion()
                                    .setApiKey(each.id)
                                    .setMinVersion(each.oldestVersion())
                                    .setMaxVersion(each.latestVersion()));
        }
        answer.supportedFeatures()
                .add(
                        new ApiVersionsResponseData.SupportedFeatureKey()
                                .setName(GROUP_FEATURE)
                                .setMaxVersion((short) 1));
        answer.finalizedFeatures()
                .add(
                        new ApiVersionsResponseData.FinalizedFeatureKey()
                                .setName(GROUP_FEATURE)
                                .setMinVersionLevel((short) 1)
                                .setMaxVersionLevel((short) 1));
        return answer;
    }

    private MetadataResponseData metadata(MetadataRequestData asked) {
        MetadataResponseData answer =
                new MetadataResponseData()
                        .setClusterId(CLUSTER)
                        .setControllerId(NODE)
                        .setTopics(topics.metadata(asked));
        answer.brokers()
                .add(
                        new MetadataResponseData.MetadataResponseBroker()
                                .setNodeId(NODE)
                                .setHost(HOST)
                                .setPort(server.port()));
        return answer;
    }

    private DescribeClusterResponseData cluster() {
        DescribeClusterResponseData answer =
                new DescribeClusterResponseData().setClusterId(CLUSTER).setControllerId(NODE);
        answer.brokers()
                .add(
                        new DescribeClusterResponseData.DescribeClusterBroker()
                                .setBrokerId(NODE)
                                .setHost(HOST)
                                .setPort(server.port()));
        return answer;
    }

    private FindCoordinatorResponseData coordinators(FindCoordinatorRequestData asked) {
        return new FindCoordinatorResponseData()
                .setCoordinators(
                        asked.coordinatorKeys().stream()
                                .map(
                                        key ->
                                                new FindCoordinatorResponseData.Coordinator()
                                                        .setKey(key)
                                                        .setNodeId(NODE)
                                                        .setHost(HOST)
                                                        .setPort(server.port()))
                                .toList());
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
