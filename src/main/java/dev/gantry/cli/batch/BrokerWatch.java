package dev.gantry.cli.batch;

import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.batch.BrokerSight.MissingTopic;
import dev.gantry.cli.batch.BrokerSight.Ready;
import dev.gantry.cli.batch.BrokerSight.Refused;
import dev.gantry.cli.batch.BrokerSight.Unreachable;
import dev.gantry.cli.batch.BrokerSight.Unseen;
import dev.gantry.cli.batch.BrokerSight.Unusable;
import dev.gantry.concurrent.BackgroundLoop;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Looks at the broker every few seconds, so that a command can say why it waits. */
final class BrokerWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final String SESSION = "consumer.session.timeout.ms";

    private final BrokerAccess broker;
    private final BackgroundLoop loop = BackgroundLoop.waiting("broker-watch", this::watch);
    private volatile BrokerSight view = new Unseen();

    private BrokerWatch(BrokerAccess broker) {
        this.broker = broker;
    }

    static BrokerWatch start(BrokerAccess broker) {
        var watch = new BrokerWatch(broker);
        watch.loop.start();
        return watch;
    }

    BrokerSight view() {
        return view;
    }

    private void watch() throws InterruptedException {
        try {
            watch(broker.openAdmin());
        } catch (RuntimeException | LinkageError e) {
            // Making a client asks nobody but the name service.
            view = isUnresolved(e) ? unreachable(e) : new Unusable(message(e));
            Thread.sleep(INTERVAL);
        }
    }

    private void watch(Admin admin) throws InterruptedException {
        try {
            while (true) {
                view = look(admin);
                Thread.sleep(INTERVAL);
            }
        } finally {
            admin.close(Duration.ZERO); // a command ends, whatever the broker does
        }
    }

    /** A name that does not resolve may do so later; any other setting stays wrong. */
    private static boolean isUnresolved(Throwable obstacle) {
        return message(obstacle).contains("resolvable bootstrap");
    }

    private BrokerSight look(Admin admin) throws InterruptedException {
        DescribeTopicsResult topics =
                admin.describeTopics(List.of(broker.requests(), broker.results()));
        for (Map.Entry<String, KafkaFuture<TopicDescription>> each :
                topics.topicNameValues().entrySet()) {
            Throwable obstacle = failure(each.getValue());
            if (obstacle instanceof UnknownTopicOrPartitionException) {
                return new MissingTopic(each.getKey());
            }
            if (obstacle instanceof AuthenticationException
                    || obstacle instanceof AuthorizationException) {
                return new Refused(message(obstacle));
            }
            if (obstacle != null) {
                return unreachable(obstacle);
            }
        }
        return workers(admin);
    }

    private Unreachable unreachable(Throwable obstacle) {
        return new Unreachable(
                obstacle instanceof TimeoutException
                        ? "no answer from " + broker.address()
                        : message(obstacle));
    }

    /** Unknown where the broker does not let us ask: it is for information only. */
    private Ready workers(Admin admin) throws InterruptedException {
        String name = broker.workerGroup();
        try {
            ConsumerGroupDescription group =
                    admin.describeConsumerGroups(List.of(name))
                            .describedGroups()
                            .values()
                            .iterator()
                            .next()
                            .get();
            return new Ready(group.members().size(), noticed(admin, group));
        } catch (ExecutionException e) {
            return new Ready(e.getCause() instanceof GroupIdNotFoundException ? 0 : null, null);
        }
    }

    /** With KIP-848 the broker decides, else the workers. */
    private @Nullable Duration noticed(Admin admin, ConsumerGroupDescription group)
            throws InterruptedException {
        if (group.type() != GroupType.CONSUMER) {
            return broker.sessionTimeout();
        }
        var settings = new ConfigResource(ConfigResource.Type.GROUP, group.groupId());
        try {
            Config config = admin.describeConfigs(List.of(settings)).all().get().get(settings);
            ConfigEntry session = config == null ? null : config.get(SESSION);
            return session == null || session.value() == null
                    ? null
                    : Duration.ofMillis(Long.parseLong(session.value()));
        } catch (ExecutionException _) {
            return null;
        }
    }

    private static @Nullable Throwable failure(KafkaFuture<?> future) throws InterruptedException {
        try {
            future.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    static String message(Throwable problem) {
        return FileTrouble.root(problem);
    }

    @Override
    public void close() {
        loop.close();
    }
}
