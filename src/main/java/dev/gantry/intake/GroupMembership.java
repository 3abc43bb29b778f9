package dev.gantry.intake;

import dev.gantry.intake.IntakeSettings.GroupProtocol;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * How the worker joins its group: KIP-848 where the broker can, else classic cooperative-sticky.
 */
final class GroupMembership {
    private static final Logger log = LoggerFactory.getLogger(GroupMembership.class);

    /** The client refuses these with the consumer protocol: the broker decides. */
    private static final List<String> BROKER_DECIDES =
            List.of(
                    ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                    ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                    ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG);

    /** The broker feature that speaks KIP-848 from level 1 on. */
    private static final String FEATURE = "group.version";

    private GroupMembership() {}

    /** Whether to join by KIP-848; auto asks the broker. */
    static boolean byConsumerProtocol(GroupProtocol wanted, Admin admin)
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
    static Map<String, Object> properties(Map<String, Object> given, boolean consumerProtocol) {
        Map<String, Object> properties = new HashMap<>(given);
        if (!consumerProtocol) {
            properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
            properties.putIfAbsent(
                    ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                    List.of(CooperativeStickyAssignor.class.getName()));
            return properties;
        }
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
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
