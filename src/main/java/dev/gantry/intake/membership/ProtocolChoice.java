package dev.gantry.intake.membership;

import dev.gantry.reread.ReadFailure;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * How the worker joins its group: KIP-848 where the broker can, else classic cooperative-sticky. A
 * broker that knows KIP-848 may still refuse it, and a group may be of the other kind: what the
 * broker answers decides about the next attempt. Used by the poll loop's thread.
 */
public final class ProtocolChoice {
    private static final Logger log = LoggerFactory.getLogger(ProtocolChoice.class);

    /**
     * How long a classic member that died keeps its partitions, unless somebody says otherwise:
     * less than the client's 45 s, and more than a pause of the machine or network that is no
     * death.
     */
    public static final Duration CLASSIC_SESSION = Duration.ofSeconds(20);

    /** The client refuses these with the consumer protocol: the broker decides. */
    private static final List<String> BROKER_DECIDES =
            List.of(
                    ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                    ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                    ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG);

    /**
     * Deals out each topic by itself. The usual one counts partitions whatever their topic: a
     * worker may then have one topic alone, and shares between topics mean nothing there.
     */
    private static final String PER_TOPIC = "range";

    /** The broker feature that speaks KIP-848 from level 1 on. */
    private static final String FEATURE = "group.version";

    private static final Duration SILENCE = Duration.ofSeconds(60);

    /** Of a classic member that waits for others to join, at most. */
    private static final Duration CLASSIC_SILENCE = Duration.ofMinutes(6);

    private final GroupProtocol wanted;
    private boolean byConsumerProtocol;

    /**
     * @param byConsumerProtocol whether to join by KIP-848 at first
     */
    public ProtocolChoice(GroupProtocol wanted, boolean byConsumerProtocol) {
        this.wanted = wanted;
        this.byConsumerProtocol = byConsumerProtocol;
    }

    /**
     * A consumer that can join.
     *
     * @param topics how many it is to read
     * @throws KafkaException if there is none to be had with these properties
     */
    Consumer<byte[], byte[]> open(Map<String, Object> properties, int topics) {
        return new KafkaConsumer<>(properties(properties, byConsumerProtocol, topics));
    }

    public boolean byConsumerProtocol() {
        return byConsumerProtocol;
    }

    /** How long a member may say nothing to its coordinator, if the broker answers. */
    Duration silence() {
        return byConsumerProtocol ? SILENCE : CLASSIC_SILENCE;
    }

    /** The broker has turned the worker away; returns why, for people. */
    String refused(Throwable answer) {
        if (!refusesProtocol(answer)) {
            return ReadFailure.reason(answer);
        }
        String refusal =
                "the broker refuses group-protocol %s: %s"
                        .formatted(name(), ReadFailure.reason(answer));
        if (wanted != GroupProtocol.AUTO) {
            return refusal + "; set gantry.worker.group-protocol to auto or " + other();
        }
        String next = other();
        byConsumerProtocol = !byConsumerProtocol;
        return refusal + "; the worker joins by " + next;
    }

    /** As the client has it. */
    String name() {
        return byConsumerProtocol ? "consumer" : "classic";
    }

    private String other() {
        return byConsumerProtocol ? "classic" : "consumer";
    }

    /** Of the group's kind or the broker's, not of this worker's rights or name. */
    private static boolean refusesProtocol(Throwable answer) {
        return answer instanceof UnsupportedVersionException
                || answer instanceof InconsistentGroupProtocolException
                || answer instanceof GroupIdNotFoundException
                || answer instanceof UnsupportedAssignorException;
    }

    /** Whether to join by KIP-848; auto asks the broker. */
    public static boolean byConsumerProtocol(GroupProtocol wanted, Admin admin)
            throws ExecutionException, InterruptedException {
        return switch (wanted) {
            case CONSUMER -> true;
            case CLASSIC -> false;
            case AUTO -> {
                FinalizedVersionRange range =
                        admin.describeFeatures()
                                .featureMetadata()
                                .get()
                                .finalizedFeatures()
                                .get(FEATURE);
                yield range != null && range.maxVersionLevel() >= 1;
            }
        };
    }

    /** The consumer's properties for the protocol. */
    static Map<String, Object> properties(
            Map<String, Object> given, boolean consumerProtocol, int topics) {
        Map<String, Object> properties = new HashMap<>(given);
        if (!consumerProtocol) {
            properties.remove(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG);
            properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
            properties.putIfAbsent(
                    ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                    List.of(CooperativeStickyAssignor.class.getName()));
            properties.putIfAbsent(
                    ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) CLASSIC_SESSION.toMillis());
            return properties;
        }
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
        if (topics > 1) {
            properties.putIfAbsent(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG, PER_TOPIC);
        }
        for (String key : BROKER_DECIDES) {
            if (properties.remove(key) != null) {
                log.atWarn()
                        .addKeyValue("key", key)
                        .log("left out: with the consumer protocol the broker decides");
            }
        }
        return properties;
    }
}
