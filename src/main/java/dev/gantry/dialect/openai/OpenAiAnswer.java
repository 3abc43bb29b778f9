package dev.gantry.dialect.openai;

import dev.gantry.dialect.EventStream;
import dev.gantry.dialect.JsonBytes;
import dev.gantry.dialect.WireFormat.Reading;
import dev.gantry.dialect.WireNames;
import dev.gantry.dialect.openai.JsonMending.Mend;
import dev.gantry.dialect.openai.JsonMending.Mended;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a whole HTTP answer: is it JSON, and what does it say about itself. */
final class OpenAiAnswer {
    /** Names longer than this are no names. */
    static final int LONGEST_NAME = 512;

    private OpenAiAnswer() {}

    /**
     * Never throws, whatever the bytes are.
     *
     * @param body the reader's own: line breaks in it are overwritten
     */
    static Answer read(Operation operation, int status, Map<String, String> headers, byte[] body) {
        return reading(operation, status, headers, body).answer();
    }

    /** As {@link #read}, and whether the body claims to be what was asked for. */
    static Reading reading(
            Operation operation, int status, Map<String, String> headers, byte[] body) {
        String requestId = WireNames.requestId(headers);
        byte[] text = JsonBytes.withoutMark(body);
        if (EventStream.is(headers, text)) {
            // A stream that nobody asked for, as the answer that was asked for.
            return joined(
                    operation,
                    status,
                    JoinedStream.of(text),
                    body,
                    requestId,
                    Set.of(Mend.EVENT_STREAM));
        }
        BodyFacts facts = new BodyFacts(operation, text);
        if (wellFormed(facts, text)) {
            return json(status, text, requestId, facts, Set.of());
        }
        Mended mended = JsonMending.of(text);
        BodyFacts found = new BodyFacts(operation, mended.json());
        if (!mended.mends().isEmpty() && wellFormed(found, mended.json())) {
            return json(status, mended.json(), requestId, found, mended.mends());
        }
        facts.readUsageAlone();
        return reading(status, Payload.opaque(body), requestId, facts, Set.of());
    }

    /**
     * @param stream null: the events are no answer of this dialect
     * @param body what is shown of them where they make no whole one
     */
    static Reading joined(
            Operation operation,
            int status,
            @Nullable JoinedStream stream,
            byte[] body,
            @Nullable String requestId,
            Set<Mend> mends) {
        byte[] text = stream == null ? body : stream.json();
        BodyFacts facts = new BodyFacts(operation, text);
        boolean readable = wellFormed(facts, text);
        return readable && stream != null && stream.whole()
                ? json(status, text, requestId, facts, mends)
                : reading(status, Payload.opaque(body), requestId, facts, Set.of());
    }

    private static Reading json(
            int status, byte[] text, @Nullable String requestId, BodyFacts facts, Set<Mend> mends) {
        // After the parse: a raw line break inside a string would have failed it.
        JsonBytes.joinLines(text);
        return reading(status, Payload.json(text), requestId, facts, mends);
    }

    private static boolean wellFormed(BodyFacts facts, byte[] text) {
        try {
            facts.read();
            return JsonBytes.mayBeJson(text);
        } catch (JacksonException e) {
            return false;
        }
    }

    /** What was read before a break still holds: above all, what has to be paid for. */
    private static Reading reading(
            int status,
            Payload body,
            @Nullable String requestId,
            BodyFacts facts,
            Set<Mend> mends) {
        Answer answer =
                new Answer(
                        status,
                        body,
                        requestId,
                        WireNames.id(facts.id()),
                        WireNames.id(facts.model()),
                        WireNames.end(facts.finishReason()),
                        WireNames.word(facts.serviceTier()),
                        facts.usage(),
                        mends.isEmpty()
                                ? List.of()
                                : mends.stream().map(Mend::label).sorted().toList());
        return new Reading(answer, body.isJson() && facts.isAnswer());
    }
}
