package dev.gantry.benchmark.http;

import dev.gantry.dialect.Translation;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Payload;
import dev.gantry.memory.ByteBudget;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.EndpointDraft;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.http.HttpLine;
import dev.gantry.provider.http.HttpTransport;
import dev.gantry.provider.http.Outgoing;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;

/** Our transport over Apache HttpCore's blocking connections, no dialect on top. */
final class TransportContender implements Contender {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String HEADERS =
            """
            content-type: application/json
            accept: application/json
            authorization: Bearer key
            x-client-request-id: attempt~1
            """
                    .replace("\n", "\r\n");

    private final HttpTransport transport =
            new HttpTransport(
                    1 << 24,
                    name -> {
                        throw new IllegalArgumentException(name);
                    });
    private final HttpLine line;

    TransportContender(int port) {
        line =
                transport.line(
                        new EndpointDraft(URI.create("http://127.0.0.1:" + port))
                                .auth(new Endpoint.Auth.None())
                                .key(null)
                                .build());
    }

    @Override
    public String name() {
        return "HttpCore 5 + own pool";
    }

    @Override
    public int call(byte[] body) {
        Answered reply =
                (Answered)
                        line.post(
                                new Outgoing("/v1/chat/completions", HEADERS, new Whole(body)),
                                LIMIT,
                                new Cancellation(),
                                ByteBudget.boundless().hold(),
                                (status, headers, answer) -> bare(status, answer));
        return reply.answer().body().size();
    }

    @Override
    public void close() {
        transport.close();
    }

    private static Answer bare(int status, byte[] body) {
        return new Answer(status, Payload.opaque(body), null, null, null, null, null, null);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Whole(byte[] bytes) implements Translation.Body {
        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            out.write(bytes);
        }
    }
}
