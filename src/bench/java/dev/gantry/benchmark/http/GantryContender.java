package dev.gantry.benchmark.http;

import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Trace;
import dev.gantry.operation.Operations;
import dev.gantry.provider.Calls;
import dev.gantry.provider.DeltaSink;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.EndpointDraft;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.Providers;
import dev.gantry.provider.TransportSettings;

import org.springframework.util.unit.DataSize;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** What is shipped, whole: body rewriting, time limit, cancellation, reading the answer's JSON. */
final class GantryContender implements Contender {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Providers providers;
    private final Endpoint endpoint;

    GantryContender(int port) {
        endpoint = new EndpointDraft(URI.create("http://127.0.0.1:" + port + "/v1")).build();
        providers =
                new Providers(
                        List.of(endpoint),
                        new TransportSettings(DataSize.ofMegabytes(16)),
                        name -> {
                            throw new IllegalArgumentException(name);
                        });
    }

    @Override
    public String name() {
        return "Gantry (whole call)";
    }

    @Override
    public int call(byte[] body) {
        Answered reply =
                (Answered)
                        providers
                                .at(endpoint)
                                .call(
                                        Calls.request(
                                                Operations.CHAT,
                                                new String(body, StandardCharsets.UTF_8),
                                                Trace.NONE),
                                        Calls.DISPATCH,
                                        LIMIT,
                                        new Cancellation(),
                                        Calls.hold(),
                                        DeltaSink.NONE);
        return reply.answer().body().size();
    }

    @Override
    public void close() {
        providers.close();
    }
}
