package dev.gantry.intake.membership;

import dev.gantry.concurrent.Backoff;
import dev.gantry.memory.Exhaustion;
import dev.gantry.reread.FetchGuard;
import dev.gantry.reread.ReadFailure;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The consumer of the poll loop, replaced when it breaks for good: some errors it says once and is
 * no member of its group ever after. Used by the loop's thread, apart from waking it up.
 *
 * <p>A proxy, because Spring's container keeps one consumer for its life, and its interceptors can
 * neither pause what the very next poll would return nor shorten that poll.
 */
public final class RenewableConsumer implements InvocationHandler {
    private static final Logger log = LoggerFactory.getLogger(RenewableConsumer.class);

    /** Between polls that fail. */
    private static final Duration REST = Duration.ofSeconds(1);

    private static final Duration WITHOUT_CONSUMER = Duration.ofMillis(100);

    /** For leaving the group; what calls under way are given comes on top. */
    private static final Duration CLOSING = Duration.ofSeconds(5);

    /** A member that has held so long was not turned away by what made it join anew. */
    private static final Duration HELD = Duration.ofSeconds(30);

    private static final Backoff REJOINING =
            new Backoff(Duration.ofMillis(500), Duration.ofSeconds(8));

    /** Twice what a broker may ask for between two heartbeats (15 s). */
    private static final Duration SILENT = Duration.ofSeconds(30);

    private static final Duration QUESTION = Duration.ofSeconds(1);

    private final Means means;
    private final Map<String, Object> properties;
    private final RandomGenerator random = RandomGenerator.getDefault();

    /** Times in a row that it was turned away. */
    private int rejoins;

    private final CoordinatorSilence silence = new CoordinatorSilence(System::nanoTime);

    /** Null between two consumers; written by the loop's thread, read by whoever wakes it up. */
    private volatile @Nullable Joining current;

    private @Nullable Subscription subscription;
    private List<String> subscribed = List.of();
    private long openAtNanos;
    private long joinedNanos;
    private int failures;

    /**
     * What it works with.
     *
     * @param topics to be read; a change is followed at the next poll
     * @param bounds of what a fetch may inflate to
     * @param membership told how the worker stands with its group
     * @param trouble told of what fails
     */
    public record Means(
            ProtocolChoice group,
            Supplier<List<String>> topics,
            PollHook hook,
            GroupMembership membership,
            PollFailures trouble,
            FetchGuard.Bounds bounds) {}

    /** One consumer, its way into the group, and what looks through its fetches. */
    private record Joining(
            Consumer<byte[], byte[]> consumer, HeartbeatSigns pulse, FetchGuard guard) {}

    /** How every consumer subscribes. */
    private interface Subscription {
        void take(Consumer<?, ?> consumer, List<String> topics) throws Throwable;
    }

    /**
     * @param properties complete, apart from what depends on the group's protocol
     */
    private RenewableConsumer(Means means, Map<String, Object> properties) {
        this.means = means;
        this.properties = properties;
        try {
            this.current = open();
        } catch (KafkaException e) {
            if (!ClientTrouble.passes(e)) {
                throw e;
            }
            unopened(e);
        }
    }

    /**
     * Makes the first, now or once it can be made.
     *
     * @throws KafkaException if there is never one to be had with these properties
     */
    public static Consumer<byte[], byte[]> of(Means means, Map<String, Object> properties) {
        Object proxy =
                Proxy.newProxyInstance(
                        RenewableConsumer.class.getClassLoader(),
                        new Class<?>[] {Consumer.class},
                        new RenewableConsumer(means, properties));
        @SuppressWarnings("unchecked") // made of exactly this interface two lines above
        Consumer<byte[], byte[]> consumer = (Consumer<byte[], byte[]>) proxy;
        return consumer;
    }

    private Joining open() {
        Consumer<byte[], byte[]> consumer =
                means.group().open(properties, means.topics().get().size());
        FetchGuard guard = FetchGuard.install(consumer, means.bounds());
        return new Joining(consumer, new HeartbeatSigns(consumer), guard);
    }

    @Override
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("poll") && arguments != null) {
            @SuppressWarnings("unchecked") // it is this one's
            Consumer<byte[], byte[]> own = (Consumer<byte[], byte[]>) proxy;
            return poll(own, (Duration) Objects.requireNonNull(arguments[0]));
        }
        if (method.getName().equals("subscribe") && arguments != null) {
            subscription = (consumer, topics) -> call(consumer, method, with(topics, arguments));
            subscribed = means.topics().get();
        }
        if (arguments != null
                && arguments[arguments.length - 1] instanceof OffsetCommitCallback to) {
            arguments[arguments.length - 1] = overheard(to);
        }
        Joining joining = current;
        return joining == null ? nothing(method) : call(joining.consumer(), method, arguments);
    }

    /** A classic member that may not be one any more learns of it by its commits first. */
    private OffsetCommitCallback overheard(OffsetCommitCallback callback) {
        return (offsets, failure) -> {
            if (failure instanceof AuthorizationException
                    || failure instanceof AuthenticationException) {
                means.trouble().failed("commit refused: " + ReadFailure.reason(failure));
            }
            callback.onComplete(offsets, failure);
        };
    }

    private static @Nullable Object[] with(List<String> topics, @Nullable Object[] arguments) {
        @Nullable Object[] own = arguments.clone();
        own[0] = topics;
        return own;
    }

    private static @Nullable Object call(
            Consumer<?, ?> consumer, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(consumer, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** What there is while there is no consumer: no partitions, and nobody to be woken. */
    private static @Nullable Object nothing(Method method) {
        return switch (method.getName()) {
            case "assignment", "paused", "subscription" -> Set.of();
            case "metrics" -> Map.of();
            case "subscribe", "pause", "resume", "wakeup", "unsubscribe", "close" -> null;
            default -> throw new KafkaException("between two consumers: " + method.getName());
        };
    }

    private ConsumerRecords<byte[], byte[]> poll(Consumer<byte[], byte[]> own, Duration timeout) {
        Joining joining = means.hook().withdrawn() ? withdrawn() : here();
        if (joining == null) {
            means.hook().beat();
            LockSupport.parkNanos(WITHOUT_CONSUMER.toNanos());
            return ConsumerRecords.empty();
        }
        try {
            follow(joining);
            Duration wait = means.hook().beforePoll(own, timeout);
            joining.guard().begin();
            ConsumerRecords<byte[], byte[]> records = joining.consumer().poll(wait);
            means.hook().taken(own, joining.guard().taken());
            polled(joining);
            return records;
        } catch (InvalidOffsetException e) {
            means.hook().invalid(own, e);
            return ConsumerRecords.empty();
        } catch (Throwable e) { // the loop's top: whatever it is, the loop must go on
            Exhaustion.checkHeap(e);
            failed(joining, e);
            return ConsumerRecords.empty();
        }
    }

    /** Topics come and go; what leaves is revoked, as to another worker. */
    private void follow(Joining joining) throws Throwable {
        List<String> topics = means.topics().get();
        if (subscription != null && !topics.equals(subscribed)) {
            subscription.take(joining.consumer(), topics);
            subscribed = topics;
        }
    }

    private @Nullable Joining here() {
        return current == null ? reopened() : current;
    }

    /** Leaves its partitions to others, on purpose and for a while. */
    private @Nullable Joining withdrawn() {
        Joining joining = current;
        if (joining != null) {
            leave(joining);
        }
        return null;
    }

    private void polled(Joining joining) {
        failures = 0;
        Duration since = joining.pulse().silence();
        if (joining.pulse().admitted() && since.compareTo(SILENT) < 0) {
            admitted();
        } else {
            outside(joining, since);
        }
    }

    private void admitted() {
        long now = System.nanoTime();
        if (means.membership().joined()) {
            joinedNanos = now;
            means.trouble().over();
            log.atInfo()
                    .addKeyValue("protocol", means.group().name())
                    .log("worker is a member of its group");
        }
        if (now - joinedNanos > HELD.toNanos()) {
            rejoins = 0;
        }
    }

    /** Not in yet, or silent: the broker is away, or the client has given up without a word. */
    private void outside(Joining joining, Duration since) {
        String reason = "no heartbeat to the group for " + since.toSeconds() + " s";
        if (since.compareTo(SILENT) >= 0) {
            means.membership().absent(reason);
        }
        if (!silence.asks()) {
            return;
        }
        if (!answers(joining.consumer())) {
            silence.unanswered();
            means.membership().brokerAway();
        } else if (silence.tooLong(since, means.group().silence())) {
            rejoin(joining, reason);
        } else if (joining.pulse().admitted()) {
            means.membership().mayBeSilent();
        }
    }

    private static boolean answers(Consumer<?, ?> consumer) {
        try {
            consumer.listTopics(QUESTION);
            return true;
        } catch (AuthorizationException | AuthenticationException _) {
            return true;
        } catch (KafkaException _) {
            return false;
        }
    }

    private void failed(Joining joining, Throwable failure) {
        failures++;
        switch (PollRemedy.of(failure, means.group().byConsumerProtocol(), failures)) {
            case PASS_ON -> throw (KafkaException) failure;
            case REST -> rest(joining, failure);
            case REJOIN -> rejoin(joining, means.group().refused(failure));
        }
    }

    /** The consumer stays what it is, unless it has given up meanwhile. */
    private void rest(Joining joining, Throwable failure) {
        Duration since = joining.pulse().silence();
        boolean alive = since.compareTo(SILENT) < 0;
        if (alive && joining.pulse().admitted() && failure instanceof TopicAuthorizationException) {
            admitted(); // to the group, whatever it may read
        }
        means.membership().because(ReadFailure.reason(failure));
        means.trouble().failed(ReadFailure.reason(failure));
        LockSupport.parkNanos(REST.toNanos());
        if (!alive) {
            outside(joining, since);
        }
    }

    private void leave(Joining joining) {
        try {
            joining.consumer().close(CloseOptions.timeout(CLOSING));
        } catch (KafkaException | IllegalStateException e) {
            log.atDebug().setCause(e).log("the consumer was not closed in good order");
        }
        current = null;
        means.hook().closed();
    }

    /** What calls under way are given first, see the rebalance listener. */
    private void rejoin(Joining joining, String reason) {
        means.membership().absent(reason);
        means.trouble().failed(reason);
        leave(joining);
        failures = 0;
        openLater();
    }

    private void openLater() {
        Duration wait = REJOINING.after(++rejoins, random);
        openAtNanos = System.nanoTime() + wait.toNanos();
        log.atInfo().addKeyValue("wait_ms", wait.toMillis()).log("the worker will join anew");
    }

    private @Nullable Joining reopened() {
        if (System.nanoTime() - openAtNanos < 0) {
            return null;
        }
        Joining opened = null;
        try {
            opened = open();
            subscribed = means.topics().get();
            Objects.requireNonNull(subscription).take(opened.consumer(), subscribed);
            current = opened;
            return opened;
        } catch (Throwable e) { // as for a poll
            Exhaustion.check(e);
            if (opened != null) {
                leave(opened);
            }
            unopened(e);
            return null;
        }
    }

    private void unopened(Throwable failure) {
        means.membership().absent(ReadFailure.reason(failure));
        if (failure instanceof KafkaException && ClientTrouble.passes(failure)) {
            // No name of the broker resolves: it is away, and a restart would not bring it back.
            means.membership().brokerAway();
        }
        means.trouble().failed(ReadFailure.reason(failure));
        openLater();
    }
}
