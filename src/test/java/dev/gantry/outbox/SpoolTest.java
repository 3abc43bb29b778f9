package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gantry.concurrent.Backoff;
import dev.gantry.event.Envelope;
import dev.gantry.event.Origin;
import dev.gantry.event.Outbound;
import dev.gantry.event.OutboundRecord;
import dev.gantry.inference.SourcePosition;
import dev.gantry.metering.MeteringSamples;

import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Failures are injected by the Kafka client's own mock producer; the database is real. */
class SpoolTest {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(1), Duration.ofMillis(8));

    private final List<String> safe = new CopyOnWriteArrayList<>();

    private SpoolFixture fixture;
    private MockProducer<byte[], byte[]> producer = mock();
    private Publisher publisher;

    @BeforeEach
    void open() throws InterruptedException {
        fixture = SpoolFixture.shared();
        publisher = publisher(fixture.settings());
    }

    @AfterEach
    void close() {
        publisher.close();
        fixture.close();
    }

    @Test
    void aRecordIsSafeInTheSpoolWhileTheBrokerIsSilent() {
        send("results", "a");
        producer.errorNext(new TimeoutException("expired"));

        soon().until(() -> safe.equals(List.of("a")));
        assertThat(publisher.brokerDownSince()).contains(SpoolFixture.NOW);
        assertThat(publisher.status().healthy()).isFalse();
        assertThat(publisher.status().bytes()).isZero();
        assertThat(fixture.rows()).isEqualTo(1);
    }

    /** Lesson 16: not a question to the client, but what becomes of records, says who is there. */
    @Test
    void whoFoundTheBrokerSilentDoesNotAskItAgainRecordByRecord() {
        send("results", "a");
        producer.errorNext(new TimeoutException("expired"));
        for (int each = 0; each < 200; each++) {
            send(each % 2 == 0 ? "results" : "never seen before", "r" + each);
        }

        soon().until(() -> safe.size() == 201);
        // The first one, and the round of real records from the spool that probes.
        assertThat(producer.history().size()).isLessThanOrEqualTo(1 + 16);
        assertThat(publisher.spool().spooled()).isEqualTo(201);
    }

    @Test
    void theFirstRecordThatGetsThroughEndsTheOutageAndAllFollow() {
        outage(300);

        answerUntilEmpty();

        assertThat(publisher.brokerDownSince()).isEmpty();
        assertThat(publisher.status().healthy()).isTrue();
        assertThat(published()).hasSize(300);
        assertThat(fixture.counted()).isTrue();
        soon().until(() -> publisher.spool().drained() == 300); // counted once they are gone
        send("results", "live");
        assertThat(last()).isEqualTo("live");
    }

    @Test
    void aTopicThatAloneIsSilentIsNoOutage() {
        send("results", "b");
        send("audit", "a");
        producer.completeNext();
        send("results", "c"); // kept waiting: the mock answers in the order of sending
        RuntimeException silence = new TimeoutException("no leader");
        assertThat(safe).containsExactly("b");

        // b was answered after a had left.
        producer.errorNext(silence);

        soon().until(() -> safe.contains("a"));
        assertThat(publisher.brokerDownSince()).isEmpty();
        assertThat(publisher.status().healthy()).isFalse();
        send("results", "d");
        assertThat(published("results")).containsExactly("b", "c", "d");
        answerUntilEmpty();
        assertThat(publisher.status().healthy()).isTrue();
    }

    @Test
    void aTopicThatIsRefusedHoldsUpNoOtherNorItsOwnRequests() {
        send("audit", "a");
        producer.errorNext(new TopicAuthorizationException(Set.of("audit")));

        soon().until(() -> safe.equals(List.of("a")));
        assertThat(publisher.brokerDownSince()).isEmpty();
        send("results", "b");
        assertThat(published("results")).containsExactly("b");
        answerUntilEmpty();
        assertThat(published("audit")).as("granted meanwhile").contains("a");
    }

    @Test
    void whatTheBrokerWillNeverTakeIsSetAsideAndBlocksNobody() {
        send("metering", "large");
        producer.errorNext(new RecordTooLargeException("too large"));

        soon().until(() -> safe.equals(List.of("large")));
        soon().until(() -> publisher.spool().setAside() == 1);
        assertThat(publisher.spool().poison()).isEqualTo(1);
        assertThat(publisher.status().undeliverable()).isZero();
        assertThat(reasons()).singleElement().asString().contains("RecordTooLargeException");
        send("metering", "next");
        assertThat(last()).isEqualTo("next");
    }

    @Test
    void poisonInTheSpoolIsSetAsideAndTheRestGoes() {
        send("results", "poison");
        producer.errorNext(new TimeoutException("expired"));
        soon().until(() -> safe.size() == 1);
        // The drain tries it.
        soon().until(() -> producer.errorNext(new RecordTooLargeException("too large")));
        soon().until(() -> reasons().size() == 1);
        send("results", "b");

        soon().until(
                        () -> {
                            producer.completeNext();
                            return safe.contains("b") && fixture.rows() == 1;
                        });
        assertThat(published("results")).contains("b");
        assertThat(fixture.counted()).isTrue();
    }

    @Test
    void aFullSpoolWeighsOnIntakeUntilTheBrokerTakesRecordsAgain() throws InterruptedException {
        publisher.close();
        publisher = publisher(fixture.settings(3, 1 << 20));
        outage(5);

        assertThat(publisher.burden()).isEqualTo(Long.MAX_VALUE);
        assertThat(publisher.spool().full()).isTrue();
        assertThat(safe).as("nothing is dropped").hasSize(5);
        answerUntilEmpty();
        assertThat(publisher.burden()).isZero();
        assertThat(published()).hasSize(5);
    }

    @Test
    void theBoundOfBytesCountsAsWell() throws InterruptedException {
        publisher.close();
        publisher = publisher(fixture.settings(1000, 20));
        outage(2);

        assertThat(publisher.burden()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aRequestIsDoneWithItsLastRecordAndNotBefore() {
        send("results", "outage");
        PendingAcks acks = acks(7);
        send(acks, "early");
        producer.errorNext(new TimeoutException("expired"));
        soon().until(() -> safe.contains("outage"));

        Runnable result = acks.expect();
        acks.seal();
        publisher.send(new Outbound(record("results", "result"), null), result, acks);
        soon().until(() -> publisher.spool().spooled() == 2);
        assertThat(fixture.done()).as("one record is still with the producer").isEmpty();
        // The one that was early, not the drain's.
        soon().until(() -> producer.errorNext(new TimeoutException("expired")));

        soon().until(() -> safe.contains("request 7"));
        assertThat(fixture.done()).containsExactly("in/3/7@42");
    }

    @Test
    void whoHasNothingLeftToTryLearnsThatAnotherWorkerBroughtItAll() {
        outage(5);
        MockProducer<byte[], byte[]> answering =
                new MockProducer<>(
                        true, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (Publisher other =
                new Publisher(() -> answering, QUICK, fixture.settings(), SpoolFixture.CLOCK)) {
            other.startSpooling();
            soon().until(
                            () -> {
                                producer.errorNext(new TimeoutException("expired"));
                                return fixture.rows() == 0;
                            });
        }

        soon().until(
                        () -> {
                            producer.errorNext(new TimeoutException("expired"));
                            return publisher.brokerDownSince().isEmpty();
                        });
        assertThat(answering.history()).hasSize(5);
    }

    @Test
    void aTopicThatAnswersEndsAnOutageThoughTheOneBeforeItIsSilent() {
        send("a-silent", "x");
        send("b", "y");
        while (producer.errorNext(new TimeoutException("expired"))) {
            // all that the producer has got
        }
        soon().until(() -> safe.size() == 2 && publisher.brokerDownSince().isPresent());

        soon().until(
                        () -> {
                            if (producer.history().getLast().topic().equals("b")) {
                                producer.completeNext();
                            } else {
                                producer.errorNext(new TimeoutException("no leader"));
                            }
                            return publisher.brokerDownSince().isEmpty();
                        });
    }

    /** Lesson 53, as far as one process can tell: the session ends between acks and delete. */
    @Test
    void aDrainThatDiesHalfWayPublishesTwiceAndLosesNothing() {
        outage(1);
        soon().until(() -> producer.history().size() == 2);
        int ended =
                fixture.sql(
                                """
                                select count(pg_terminate_backend(pid)) from pg_stat_activity
                                where state = 'idle in transaction' and query like :query
                                """)
                        .param("query", "%" + fixture.schema() + "%.spool%")
                        .query(Integer.class)
                        .single();

        assertThat(ended).isEqualTo(1);
        answerUntilEmpty();
        assertThat(values()).containsExactly("r0", "r0", "r0");
        assertThat(fixture.counted()).isTrue();
    }

    private Publisher publisher(SpoolSettings settings) throws InterruptedException {
        producer = mock();
        Publisher made = new Publisher(() -> producer, QUICK, settings, SpoolFixture.CLOCK);
        made.startSpooling();
        soon().until(() -> made.spool().reachable());
        return made;
    }

    private static MockProducer<byte[], byte[]> mock() {
        return new MockProducer<>(
                false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** So many records are safe in the spool; the broker has answered nothing. */
    private void outage(int records) {
        for (int each = 0; each < records; each++) {
            send("results", "r" + each);
        }
        for (int each = 0; each < records; each++) { // and not what the drain sends meanwhile
            assertThat(producer.errorNext(new TimeoutException("expired"))).isTrue();
        }
        soon().until(() -> safe.size() == records);
    }

    private void answerUntilEmpty() {
        soon().until(
                        () -> {
                            producer.completeNext();
                            return publisher.status().records() == 0 && fixture.rows() == 0;
                        });
    }

    private PendingAcks acks(long offset) {
        return new PendingAcks(
                Envelope.about(Envelope.source(new Origin("fleet", "w", "1")), "key"),
                new SourcePosition("in", 3, offset, 42),
                () -> safe.add("request " + offset));
    }

    private void send(PendingAcks acks, String value) {
        publisher.send(new Outbound(record("results", value), null), acks.expect(), acks);
    }

    private void send(String topic, String value) {
        publisher.send(record(topic, value), () -> safe.add(value));
    }

    private static OutboundRecord record(String topic, String value) {
        return new OutboundRecord(
                topic,
                MeteringSamples.EXECUTION.getBytes(StandardCharsets.UTF_8),
                List.of(new RecordHeader("ce_id", value.getBytes(StandardCharsets.UTF_8))),
                value.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> reasons() {
        return fixture.sql("select set_aside from ${schema}.spool where set_aside is not null")
                .query((row, _) -> row.getString(1))
                .list();
    }

    private List<String> values() {
        return producer.history().stream().map(SpoolTest::value).toList();
    }

    private Set<String> published() {
        return Set.copyOf(values());
    }

    private List<String> published(String topic) {
        return producer.history().stream()
                .filter(each -> each.topic().equals(topic))
                .map(SpoolTest::value)
                .toList();
    }

    private String last() {
        return values().getLast();
    }

    private static String value(ProducerRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
    }
}
