package dev.gantry.dialect.openai;

import dev.gantry.dialect.EventStream;
import dev.gantry.dialect.EventStream.Event;
import dev.gantry.dialect.StreamReader;
import dev.gantry.dialect.StreamUsage;
import dev.gantry.dialect.WireFormat;
import dev.gantry.dialect.WireNames;
import dev.gantry.dialect.openai.JoinedStream.Joining;
import dev.gantry.dialect.openai.JoinedStream.Piece;
import dev.gantry.inference.InferenceRequest;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A stream in OpenAI's own form: its chunks pass on byte for byte. */
final class OpenAiStream implements StreamReader {
    /** Of a stream that is none of this dialect, so much is shown. */
    private static final int LONGEST_SAMPLE = 4096;

    private final InferenceRequest request;
    private final int status;
    private final Map<String, String> headers;
    private final boolean usageWanted;
    private final EventStream events = new EventStream();
    private final Joining joining = new Joining();

    /** Chunks that open the message and say nothing yet, or that close it. */
    private final List<byte[]> held = new ArrayList<>();

    private final ByteArrayOutputStream sample = new ByteArrayOutputStream();
    private boolean told;

    OpenAiStream(InferenceRequest request, int status, Map<String, String> headers) {
        this.request = request;
        this.status = status;
        this.headers = headers;
        this.usageWanted = StreamUsage.wanted(request.body());
    }

    @Override
    public void take(byte[] bytes, int length, Consumer<byte[]> deltas) {
        if (!told && sample.size() < LONGEST_SAMPLE) {
            sample.write(bytes, 0, Math.min(length, LONGEST_SAMPLE - sample.size()));
        }
        events.take(bytes, length, event -> event(event, deltas));
    }

    private void event(Event event, Consumer<byte[]> deltas) {
        Piece piece = joining.take(event);
        if (piece == null || (piece.usageOnly() && !usageWanted)) {
            return;
        }
        held.add(piece.json());
        if (!joining.finished() && (told || piece.says())) {
            told = true;
            held.forEach(deltas);
            held.clear();
        }
    }

    @Override
    public boolean closed() {
        return joining.done();
    }

    @Override
    public Ended end() {
        List<byte[]> closing = new ArrayList<>();
        events.end(event -> event(event, closing::add));
        closing.addAll(held);
        JoinedStream joined = joining.joined();
        byte[] shown = joined == null ? sample.toByteArray() : joined.json();
        String requestId = WireNames.requestId(headers);
        WireFormat.Reading reading =
                OpenAiAnswer.joined(
                        request.operation(), status, joined, shown, requestId, Set.of());
        return new Ended(reading, joined != null && joined.whole(), closing);
    }
}
