package dev.gantry.provider.call;

import dev.gantry.dialect.EventStream;
import dev.gantry.dialect.StreamReader;
import dev.gantry.dialect.UnstreamedReader;
import dev.gantry.dialect.WireFormat;
import dev.gantry.inference.Answer;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Payload;
import dev.gantry.inference.Usage;
import dev.gantry.provider.DeltaSink;
import dev.gantry.provider.http.BodyTaker;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Map;

/**
 * The answer to a request that asked for a stream: each delta is told at once. A server that sends
 * the whole instead is read to its end.
 */
final class StreamedBody implements BodyTaker {
    /** Of a delta's text, beside the text itself. */
    private static final int OVERHEAD = 16;

    /** Beside its text a delta has no more bytes: equal ones are not for that all envelope. */
    private static final int LARGEST_ENVELOPE = 512;

    private static final int CHARS_PER_TOKEN = 4;

    private final WireFormat format;
    private final InferenceRequest request;
    private final Reply reply;
    private final SecretMask mask;
    private final DeltaSink deltas;

    /** Null before the first bytes: they say what the body is. */
    private @Nullable StreamReader reader;

    private @Nullable Answer answer;

    /** The shortest delta: what the others have beyond it is their text. */
    private int shortest = Integer.MAX_VALUE;

    private long told;
    private long text;

    /** Bytes taken since the last delta. */
    private long since;

    /**
     * What its head says.
     *
     * @param status a success
     * @param headers without secrets
     */
    record Reply(int status, Map<String, String> headers) {}

    StreamedBody(
            WireFormat format,
            InferenceRequest request,
            Reply reply,
            SecretMask mask,
            DeltaSink deltas) {
        this.format = format;
        this.request = request;
        this.reply = reply;
        this.mask = mask;
        this.deltas = deltas;
    }

    @Override
    public void take(byte[] bytes, int length) {
        StreamReader taking = reader;
        if (taking == null) {
            taking = reader(Arrays.copyOf(bytes, length));
            reader = taking;
        }
        since += length;
        taking.take(bytes, length, this::delta);
    }

    private StreamReader reader(byte[] head) {
        return EventStream.is(reply.headers(), head)
                ? format.stream(request, reply.status(), reply.headers())
                : new UnstreamedReader(
                        format, request.operation(), reply.status(), reply.headers());
    }

    private void delta(byte[] chunk) {
        shortest = Math.min(shortest, chunk.length);
        text += chunk.length - Math.min(shortest, LARGEST_ENVELOPE);
        told++;
        since = 0;
        deltas.delta(chunk);
    }

    @Override
    public long kept() {
        return text + told * OVERHEAD + since;
    }

    @Override
    public boolean closed() {
        return reader != null && reader.closed();
    }

    @Override
    public Taken end() {
        StreamReader taken = reader == null ? reader(new byte[0]) : reader;
        StreamReader.Ended ended = taken.end();
        WireFormat.Reading reading = ended.reading();
        answer = reading.answer();
        if (reading.good()) {
            deltas.closing(ended.closing());
        } else {
            // An error may come under 200, and quote what it was sent.
            mask.blank(reading.answer().body().bytes());
            Payload own = reading.answer().own();
            if (own != null) {
                mask.blank(own.bytes());
            }
            if (told > 0) {
                lost(); // an error in the midst of it
            }
        }
        return new Taken(reading.answer(), ended.whole(), told > 0);
    }

    @Override
    public void lost() {
        Usage counted = answer == null ? null : answer.usage();
        long output = Math.max(told, text / CHARS_PER_TOKEN);
        Usage uncounted = new Usage(null, null, null, null, null, Map.of(), null);
        // What was thought, or written, before the first delta nobody can tell.
        if (told > 0 || counted != null) {
            deltas.cut((counted == null ? uncounted : counted).atLeast(output));
        }
    }
}
