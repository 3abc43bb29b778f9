package dev.gantry.request;

import dev.gantry.inference.Deadline;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SourceRecord;
import dev.gantry.operation.Operations;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Turns a record into a request, or into one clear error (contract, request). */
public final class RequestDecoder {
    private final RequestLimits limits;
    private final RequestTopics topics;
    private final InstantSource clock;

    /** Of records of any topic, of which nothing is said. */
    public RequestDecoder(RequestLimits limits, InstantSource clock) {
        this(limits, RequestTopics.plain(), clock);
    }

    public RequestDecoder(RequestLimits limits, RequestTopics topics, InstantSource clock) {
        this.limits = limits;
        this.topics = topics;
        this.clock = clock;
    }

    public DecodedRecord decode(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null) {
            return invalid(record, "value: null; a request is one JSON object");
        }
        long limit = limits.maxSize();
        if (value.length > limit) {
            return invalid(
                    record,
                    "value: " + value.length + " bytes are more than max-request-size, " + limit);
        }
        if (Utf8Check.foreign(value) != null) {
            return invalid(record, "value: not UTF-8");
        }
        try {
            Line line = new Line(record, Operations.CHAT);
            InferenceRequest request = line.read();
            return new DecodedRecord.Valid(
                    line.foretold ? request : new Line(record, request.operation()).read());
        } catch (InvalidRequest e) {
            return invalid(record, String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            return invalid(record, JsonText.notJson(e));
        }
    }

    private static DecodedRecord.Invalid invalid(
            ConsumerRecord<byte[], byte[]> record, String message) {
        return ReplyAddress.of(record).invalid(message);
    }

    /** One pass over one record's value. */
    private final class Line {
        private final ConsumerRecord<byte[], byte[]> record;
        private final JsonText json;
        private final OptionsReader terms;

        private @Nullable String customId;
        private Operation operation;
        private @Nullable RequestBody body;

        /** Whether the body was read as that of its operation: the url may stand behind it. */
        private boolean foretold = true;

        Line(ConsumerRecord<byte[], byte[]> record, Operation supposed) {
            this.record = record;
            this.operation = supposed;
            this.json = new JsonText(record.value());
            this.terms = new OptionsReader(json, OptionsReader.ROOT);
        }

        InferenceRequest read() {
            if (json.parser().nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidRequest("value: not a JSON object");
            }
            json.members("", this::member);
            if (json.parser().nextToken() != null) {
                throw new InvalidRequest("value: more than one JSON object");
            }
            return request();
        }

        private void member(String name, JsonToken token) {
            switch (name) {
                case "custom_id" -> customId = RequestIds.checkedCustomId(json.text(name));
                case "method" -> method(json.text(name));
                case "url" -> {
                    Operation named = operation(json.text(name));
                    foretold = body == null || named.equals(operation);
                    operation = named;
                }
                case "body" -> {
                    if (json.object(name)) {
                        body = new BodyReader(operation, json, record.value()).read();
                    }
                }
                case "gantry" -> terms.read();
                default -> json.parser().skipChildren();
            }
        }

        private InferenceRequest request() {
            String named = RequestIds.checkedCustomId(customId);
            if (body == null) {
                throw new InvalidRequest("body: missing; an object, the provider's request");
            }
            String batchId = terms.batchId() != null ? terms.batchId() : batchIdHeader(record);
            Instant deadline = terms.deadline();
            return new InferenceRequest(
                    RequestId.of(batchId, named),
                    named,
                    batchId,
                    position(record),
                    RequestIds.newExecution(),
                    operation,
                    body,
                    terms.options(topics.of(record.topic())),
                    new Deadline(deadline != null ? deadline : expiry(record)),
                    TraceHeaders.read(record.headers()),
                    clock.instant());
        }
    }

    private Instant expiry(ConsumerRecord<byte[], byte[]> record) {
        Duration ttl = limits.ttl();
        return Instant.ofEpochMilli(record.timestamp()).plus(ttl);
    }

    private static void method(@Nullable String method) {
        if (method != null && !method.equals("POST")) {
            throw InvalidRequest.wrongType("method", JsonText.shorten(method), "POST");
        }
    }

    private static Operation operation(@Nullable String url) {
        if (url == null) {
            return Operations.CHAT;
        }
        return Operations.of(url)
                .orElseThrow(
                        () ->
                                InvalidRequest.wrongType(
                                        "url", JsonText.shorten(url), Operations.ALLOWED));
    }

    public static SourcePosition position(ConsumerRecord<?, ?> record) {
        return new SourcePosition(
                record.topic(), record.partition(), record.offset(), record.timestamp());
    }

    /** The record itself, as a dead letter repeats it. */
    public static SourceRecord source(ConsumerRecord<byte[], byte[]> record) {
        List<SourceRecord.Header> headers = new ArrayList<>();
        record.headers()
                .forEach(
                        header ->
                                headers.add(new SourceRecord.Header(header.key(), header.value())));
        return new SourceRecord(position(record), record.key(), record.value(), headers);
    }

    static @Nullable String batchIdHeader(ConsumerRecord<?, ?> record) {
        String member = "header gantry-batch-id";
        return RequestIds.checkedBatchId(member, header(record, "gantry-batch-id"));
    }

    private static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? null
                : new String(header.value(), StandardCharsets.UTF_8);
    }
}
