package dev.gantry.provider.http;

import dev.gantry.memory.Exhaustion;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Looks a host up away from the callers: the JDK's lookup cannot be ended, and on a virtual thread
 * it would hold one of the few carriers for as long as the name server is silent.
 */
final class HostLookup {
    /** Spares a thread per connection in a burst; the JDK's own cache decides the rest. */
    private static final long KEPT_NANOS = 1_000_000_000L;

    private final String host;
    private final Resolver resolver;
    private final LongSupplier nanoTime;

    /** Both guarded by this. */
    private @Nullable CompletableFuture<InetAddress[]> latest;

    private long latestNanos;

    /** The JDK's lookup, or another one. */
    interface Resolver {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    HostLookup(String host, LongSupplier nanoTime) {
        this(host, InetAddress::getAllByName, nanoTime);
    }

    HostLookup(String host, Resolver resolver, LongSupplier nanoTime) {
        this.host = host;
        this.resolver = resolver;
        this.nanoTime = nanoTime;
    }

    /** The caller's own view of one lookup shared by all callers: cancelling it hurts no other. */
    synchronized CompletableFuture<InetAddress[]> addresses() {
        CompletableFuture<InetAddress[]> lookup = latest;
        if (lookup == null || outdated(lookup)) {
            lookup = start();
            latest = lookup;
            latestNanos = nanoTime.getAsLong();
        }
        return lookup.copy();
    }

    private CompletableFuture<InetAddress[]> start() {
        CompletableFuture<InetAddress[]> lookup = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("lookup-" + host).start(() -> resolve(lookup));
        return lookup;
    }

    private boolean outdated(CompletableFuture<InetAddress[]> lookup) {
        return lookup.isDone()
                && (lookup.isCompletedExceptionally()
                        || nanoTime.getAsLong() - latestNanos > KEPT_NANOS);
    }

    private void resolve(CompletableFuture<InetAddress[]> lookup) {
        try {
            lookup.complete(resolver.addresses(host));
        } catch (Throwable e) { // The top of a thread: whoever waits must hear of it.
            Exhaustion.check(e);
            lookup.completeExceptionally(e);
        }
    }
}
