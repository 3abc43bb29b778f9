package dev.gantry.provider;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.memory.Hold;
import dev.gantry.provider.http.HttpTransport;
import dev.gantry.provider.openai.OpenAiProvider;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

import javax.net.ssl.SSLContext;

/** All configured endpoints behind one door: the lane says which one is called. */
public final class Providers implements Provider, AutoCloseable {
    private final HttpTransport transport;
    private final Map<Instance, Provider> instances = new HashMap<>();

    private record Instance(String provider, String name) {}

    /**
     * @param sslBundles contexts by bundle name; throws for a name it does not know
     * @throws IllegalArgumentException if an endpoint cannot be used, naming it
     */
    public Providers(
            Collection<Endpoint> endpoints,
            TransportSettings settings,
            Function<String, SSLContext> sslBundles) {
        this.transport = new HttpTransport(settings.maxResponseBytes(), sslBundles);
        for (Endpoint endpoint : endpoints) {
            Instance instance = new Instance(endpoint.provider(), endpoint.instance());
            if (instances.put(instance, provider(endpoint)) != null) {
                throw new IllegalArgumentException("two endpoints are called " + endpoint.id());
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the lane's instance is none of the endpoints
     */
    @Override
    public ProviderReply call(
            InferenceRequest request,
            Attempt.Dispatch dispatch,
            Duration timeout,
            Cancellation cancellation,
            Hold hold) {
        LaneId lane = dispatch.lane();
        @Nullable Provider provider = instances.get(new Instance(lane.provider(), lane.instance()));
        if (provider == null) {
            throw new IllegalArgumentException("lane " + lane + " has no endpoint");
        }
        return provider.call(request, dispatch, timeout, cancellation, hold);
    }

    /** Takes no more calls; those under way go on to their end. */
    @Override
    public void close() {
        transport.close();
    }

    private Provider provider(Endpoint endpoint) {
        return switch (endpoint.dialect()) {
            case OPENAI -> new OpenAiProvider(endpoint, transport.line(endpoint));
        };
    }
}
