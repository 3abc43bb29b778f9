package dev.gantry.delivery;

import dev.gantry.audit.AuditSettings;
import dev.gantry.event.Decisions;
import dev.gantry.event.EventSettings;
import dev.gantry.event.Origin;
import dev.gantry.event.OutboundRecord;
import dev.gantry.event.RouteReport;
import dev.gantry.event.RouteSummary;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Assignment;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.ResultId;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.outbox.OversizeAnswers;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.outbox.Publisher;
import dev.gantry.secret.Secret;
import dev.gantry.testbed.RecordPromises;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A delivery whose records can be read back; the broker is the Kafka client's own mock. */
public final class Outbox implements AutoCloseable {
    public static final RouteReport ROUTE =
            new RouteReport(
                    List.of(
                            new RouteReport.Candidate(
                                    MeteringSamples.LANE,
                                    null,
                                    null,
                                    new BigDecimal("0.012036"),
                                    null,
                                    null,
                                    "closed",
                                    "selected"),
                            new RouteReport.Candidate(
                                    MeteringSamples.OTHER_LANE, "context_window")),
                    "weight",
                    "weight",
                    "highest weight",
                    3);

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Publisher publisher = new Publisher(() -> producer);
    private final Map<String, OutboundRecord> kept = new ConcurrentHashMap<>();
    private final OversizeAnswers keeper =
            new OversizeAnswers((id, _, result) -> keepFirst(id, result));
    private final AtomicInteger completions = new AtomicInteger();
    private final InferenceRequest request;
    private @Nullable Assignment assignment;

    public Outbox() {
        this(MeteringSamples.request());
    }

    public Outbox(InferenceRequest request) {
        this.request = request;
    }

    /** Whatever a test looked at, every record has kept its promises. */
    @Override
    public void close() {
        producer.history().forEach(each -> RecordPromises.check(received(each)));
        publisher.close();
        keeper.close();
    }

    private static ConsumerRecord<byte[], byte[]> received(ProducerRecord<byte[], byte[]> sent) {
        return new ConsumerRecord<>(
                sent.topic(),
                0,
                0,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                sent.key(),
                sent.value(),
                sent.headers(),
                Optional.empty());
    }

    public InferenceRequest request() {
        return request;
    }

    public OversizeAnswers keeper() {
        return keeper;
    }

    private boolean keepFirst(String id, OutboundRecord result) {
        kept.putIfAbsent(id, result);
        return true;
    }

    /** Answers too large for the broker, by the ids of their results. */
    public Map<String, OutboundRecord> kept() {
        return kept;
    }

    public AtomicInteger completions() {
        return completions;
    }

    public List<ProducerRecord<byte[], byte[]>> history() {
        return producer.history();
    }

    public void run(Delivery delivery, Outcome outcome, Attempt... attempts) {
        run(delivery, outcome, ROUTE, attempts);
    }

    public void run(Delivery delivery, Outcome outcome, RouteReport route, Attempt... attempts) {
        PendingAcks acks = delivery.open(request, completions::incrementAndGet);
        Map<AttemptId, MeterReading> readings = new HashMap<>();
        for (Attempt attempt : attempts) {
            readings.put(
                    attempt.id(),
                    delivery.attemptEnded(
                            request, attempt, fate(attempt), MeteringSamples.PRICES, acks));
        }
        delivery.conclude(
                new Conclusion(request, outcome, List.of(attempts)),
                readings,
                summary(route, assignment),
                MeteringSamples.PRICES,
                acks);
    }

    /** As the loop decides it for a request that is alone: a success is the result. */
    static AttemptFate fate(Attempt attempt) {
        return attempt.succeeded() ? AttemptFate.SELECTED : AttemptFate.UNSELECTED;
    }

    public static RouteSummary summary(RouteReport report) {
        return summary(report, null);
    }

    private static RouteSummary summary(RouteReport report, @Nullable Assignment assignment) {
        return new RouteSummary(
                report.candidates().getFirst().lane(), null, assignment, () -> report);
    }

    /** Something other than the caller chose its tier. */
    public Outbox assigned(Assignment to) {
        assignment = to;
        return this;
    }

    public Delivery delivery(Decisions decisions) {
        return delivery(settings(decisions, AuditSettings.Content.FULL));
    }

    public Delivery delivery(EventSettings settings) {
        return new Delivery(
                publisher, keeper, settings, () -> MeteringSamples.SUBMITTED.plusSeconds(1));
    }

    public static EventSettings settings(Decisions decisions, AuditSettings.Content content) {
        return new EventSettings(
                new Origin("fleet one", "w-1", "0.1.0"),
                TopicsTest.settings("t", true),
                new AuditSettings(content, new Secret("")),
                decisions,
                100_000);
    }

    public static Attempt answered(int number) {
        return MeteringSamples.succeeded(
                number, MeteringSamples.LANE, MeteringSamples.usage(100L, null, null, 10L));
    }

    public static Attempt answered(int number, String text) {
        Answer answer =
                MeteringSamples.answer(
                        200, '"' + text + '"', MeteringSamples.usage(100L, null, null, 10L));
        return new Attempt(
                MeteringSamples.dispatch(number, MeteringSamples.LANE),
                Duration.ofMillis(812),
                new Attempt.End.Succeeded(answer));
    }

    public static Attempt throttled(int number) {
        return MeteringSamples.failed(
                number,
                MeteringSamples.OTHER_LANE,
                MeteringSamples.answer(429, "{}", null),
                ErrorKind.RATE_LIMIT);
    }

    String resultId() {
        return ResultId.of("fleet one", request.source()).substring("batch_req_".length());
    }

    static ConsumerRecord<byte[], byte[]> record(String value) {
        return new ConsumerRecord<>("in", 2, 7, null, value.getBytes(StandardCharsets.UTF_8));
    }

    public List<String> topics() {
        return producer.history().stream().map(ProducerRecord::topic).toList();
    }

    public List<String> types() {
        return producer.history().stream().map(each -> header(each, "ce_type")).toList();
    }

    /** The last record of the topic. */
    public ProducerRecord<byte[], byte[]> last(String topic) {
        return producer.history().reversed().stream()
                .filter(each -> each.topic().equals(topic))
                .findFirst()
                .orElseThrow();
    }

    public String value(String topic) {
        return text(last(topic).value());
    }

    public String header(String topic, String name) {
        return header(last(topic), name);
    }

    public static String header(ProducerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : text(header.value());
    }

    public List<String> headers(String topic) {
        List<String> headers = new ArrayList<>();
        last(topic).headers().forEach(each -> headers.add(each.key() + "=" + text(each.value())));
        return headers;
    }

    public static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
