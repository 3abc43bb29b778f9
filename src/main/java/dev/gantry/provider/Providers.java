package dev.gantry.provider;

import dev.gantry.dialect.Translation;
import dev.gantry.dialect.WireFormat;
import dev.gantry.dialect.anthropic.MessagesFormat;
import dev.gantry.dialect.gemini.GeminiFormat;
import dev.gantry.dialect.openai.OpenAiFormat;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.memory.Hold;
import dev.gantry.provider.call.EndpointProvider;
import dev.gantry.provider.http.HttpLine;
import dev.gantry.provider.http.HttpTransport;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import javax.net.ssl.SSLContext;

/**
 * Whoever makes the calls of an endpoint, with its connections. An endpoint whose settings differ
 * in anything is another one: requests that were routed to what has been replaced still find it.
 */
public final class Providers implements AutoCloseable {
    private final HttpTransport transport;
    private final Map<Endpoint, Opened> opened = new ConcurrentHashMap<>();

    /** All of an endpoint comes and goes together. */
    private record Opened(Provider provider, Reading reading, Runnable closing) {}

    /** What is no call. */
    private interface Reading {
        ProviderReply get(String target, Duration timeout, int atMost, Hold hold);
    }

    /**
     * @param sslBundles contexts by bundle name; throws for a name it does not know
     * @throws IllegalArgumentException if an endpoint cannot be used, naming it
     */
    public Providers(
            Collection<Endpoint> endpoints,
            TransportSettings settings,
            Function<String, SSLContext> sslBundles) {
        this.transport = new HttpTransport(settings.maxResponseBytes(), sslBundles);
        open(endpoints);
    }

    /**
     * Makes ready what is not yet; what there is stays as it is.
     *
     * @throws IllegalArgumentException if an endpoint cannot be used, or two have one name
     */
    public void open(Collection<Endpoint> endpoints) {
        if (endpoints.stream().map(Endpoint::id).distinct().count() < endpoints.size()) {
            throw new IllegalArgumentException("two endpoints have one name: " + endpoints);
        }
        endpoints.forEach(this::opened);
    }

    /**
     * Keeps connections to these only. Calls under way elsewhere go on to their end, and whoever
     * was routed there and comes later is let in again.
     */
    public void keep(Collection<Endpoint> endpoints) {
        Set<Endpoint> kept = Set.copyOf(endpoints);
        for (Endpoint endpoint : opened.keySet()) {
            if (!kept.contains(endpoint)) {
                opened.computeIfPresent(endpoint, (_, each) -> closed(each));
            }
        }
    }

    /**
     * The one that calls there.
     *
     * @throws IllegalArgumentException if the target is no endpoint, or cannot be used
     */
    public Provider at(CallTarget target) {
        if (target instanceof Endpoint endpoint) {
            return opened(endpoint).provider();
        }
        throw new IllegalArgumentException("target " + target.id() + " is no endpoint");
    }

    /**
     * Reads what an endpoint says of itself, with its credential and headers; no call of anybody's.
     *
     * @param target path and query
     * @param atMost of the answer's body, in bytes
     * @param hold what the answer takes of somebody's memory
     */
    public ProviderReply get(
            Endpoint endpoint, String target, Duration timeout, int atMost, Hold hold) {
        return opened(endpoint).reading().get(target, timeout, atMost, hold);
    }

    private Opened opened(Endpoint endpoint) {
        Opened known = opened.get(endpoint);
        return known != null ? known : opened.computeIfAbsent(endpoint, this::newlyOpened);
    }

    private Opened newlyOpened(Endpoint endpoint) {
        HttpLine line = transport.line(endpoint);
        EndpointProvider calls = new EndpointProvider(endpoint, format(endpoint.dialect()), line);
        return new Opened(calls, calls::get, () -> transport.close(line));
    }

    private static WireFormat format(Dialect dialect) {
        return switch (dialect) {
            case OPENAI -> new OpenAiFormat();
            case ANTHROPIC -> new MessagesFormat();
            case GEMINI -> new GeminiFormat();
        };
    }

    /**
     * Why a call would be refused before anything is sent. Pure.
     *
     * @return no word of the caller's; null: the dialect has a form for it
     */
    public static @Nullable String unsayable(
            Dialect dialect, InferenceRequest request, Attempt.Dispatch dispatch) {
        WireFormat spoken = EndpointProvider.spoken(format(dialect), request, dispatch);
        return spoken.request(request, dispatch) instanceof Translation.Untranslatable(String why)
                ? why
                : null;
    }

    private static @Nullable Opened closed(Opened each) {
        each.closing().run();
        return null;
    }

    /** Takes no more calls; those under way go on to their end. */
    @Override
    public void close() {
        transport.close();
    }
}
