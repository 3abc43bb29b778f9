package dev.gantry.dialect;

import dev.gantry.dialect.EventStream.Event;
import dev.gantry.dialect.WireFormat.Reading;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A streamed answer of another dialect. Its events are put together to what the provider would have
 * answered unstreamed, and that is read as any such answer is; on the way each delta becomes a
 * chunk.
 */
public abstract class TranslatedStream implements StreamReader {
    /** Of a stream that is none of its dialect, so much is shown. */
    private static final int LONGEST_SAMPLE = 4096;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Map<String, String> headers;
    private final int status;
    private final boolean usageWanted;
    private final long created;
    private final EventStream events = new EventStream();
    private final ByteArrayOutputStream sample = new ByteArrayOutputStream();
    private Consumer<byte[]> deltas = _ -> {};
    private @Nullable String id;
    private @Nullable String model;

    /** Choices that have said something. */
    private final Set<Integer> begun = new HashSet<>();

    private @Nullable ObjectNode error;

    /** An event in the midst of the answer could not be read. */
    private boolean gap;

    private boolean unknown;

    protected TranslatedStream(boolean usageWanted, int status, Map<String, String> headers) {
        this.usageWanted = usageWanted;
        this.status = status;
        this.headers = headers;
        this.created = ChatCompletion.created(headers);
    }

    /** Takes one event; not called behind an error. */
    protected abstract void event(@Nullable String name, JsonNode data);

    /** Whether the answer has said that it is at its end. */
    protected abstract boolean ended();

    /** The provider's own answer as far as it has come; null: nothing has. */
    protected abstract @Nullable ObjectNode joined();

    /** As the dialect reads what is not streamed. */
    protected abstract Reading read(int status, Map<String, String> headers, byte[] own);

    @Override
    public final void take(byte[] bytes, int length, Consumer<byte[]> to) {
        if (begun.isEmpty() && sample.size() < LONGEST_SAMPLE) {
            sample.write(bytes, 0, Math.min(length, LONGEST_SAMPLE - sample.size()));
        }
        deltas = to;
        events.take(bytes, length, this::take);
    }

    private void take(Event event) {
        if (error != null) {
            return;
        }
        JsonNode data = ChatCompletion.parse(event.data());
        if (data != null) {
            event(event.name(), data);
        } else {
            // What does not even begin like one is no piece of the answer: another's [DONE].
            gap |= event.data()[0] == '{' && !ended();
        }
    }

    @Override
    public final Ended end() {
        List<byte[]> closing = new ArrayList<>();
        deltas = closing::add;
        events.end(this::take);
        ObjectNode own = error == null ? joined() : error;
        if (own == null) {
            Payload shown = Payload.opaque(sample.toByteArray());
            return new Ended(
                    ChatCompletion.unknown(status, headers, shown, null), false, List.of());
        }
        Reading reading = named(read(status, headers, ChatBody.JSON.writeValueAsBytes(own)));
        Answer answer = reading.answer();
        if (error == null && (gap || !ended())) {
            return new Ended(ChatCompletion.broken(answer, answer.body().bytes()), false, closing);
        }
        if (error == null) {
            close(answer, closing);
        }
        return new Ended(reading, true, closing);
    }

    private Reading named(Reading reading) {
        List<String> mended = reading.answer().mended();
        return unknown && !mended.contains(ChatCompletion.UNKNOWN_BLOCKS)
                ? new Reading(
                        reading.answer().mended(List.of(ChatCompletion.UNKNOWN_BLOCKS)),
                        reading.good())
                : reading;
    }

    private void close(Answer answer, List<byte[]> closing) {
        for (JsonNode choice : ChatBody.JSON.readTree(answer.body().bytes()).path("choices")) {
            String finish = ChatCompletion.text(choice, "finish_reason");
            closing.add(chunk(choice.path("index").asInt(), NODES.objectNode(), finish));
        }
        if (usageWanted && answer.usage() != null) {
            ObjectNode last = head();
            last.putArray("choices");
            last.set("usage", ChatCompletion.usage(answer.usage()));
            closing.add(ChatBody.JSON.writeValueAsBytes(last));
        }
    }

    /** What every chunk says of the answer. */
    protected final void name(@Nullable String answerId, @Nullable String servedModel) {
        id = answerId;
        model = servedModel;
    }

    /** Tells what a choice has said; nothing, if it is empty. */
    protected final void delta(int choice, ObjectNode said) {
        if (!said.isEmpty()) {
            deltas.accept(chunk(choice, said, null));
        }
    }

    /** The answer is an error from here on. */
    protected final void fail(ObjectNode said) {
        error = said;
    }

    /** There was something that nobody knows, and that is not passed on. */
    protected final void unknown() {
        unknown = true;
    }

    private byte[] chunk(int index, ObjectNode said, @Nullable String finish) {
        ObjectNode chunk = head();
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", index);
        ObjectNode delta = choice.putObject("delta");
        if (begun.add(index)) {
            delta.put("role", "assistant");
        }
        delta.setAll(said);
        choice.put("finish_reason", finish);
        return ChatBody.JSON.writeValueAsBytes(chunk);
    }

    private ObjectNode head() {
        return NODES.objectNode()
                .put("id", id)
                .put("object", "chat.completion.chunk")
                .put("created", created)
                .put("model", model);
    }
}
