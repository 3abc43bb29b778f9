package dev.gantry.provider.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Connects to whichever of a host's addresses answers first (RFC 8305, section 5): the next is
 * begun when the last has been silent for a quarter of a second, or at once when it failed. Used
 * for one connection; closing it ends the attempts under way.
 */
final class ConnectRace implements Closeable {
    /** The Connection Attempt Delay that RFC 8305 recommends. */
    private static final long DELAY_NANOS = Duration.ofMillis(250).toNanos();

    private final List<InetAddress> addresses;
    private final int port;
    private final AddressOrder order;
    private final Expiry expiry;
    private final BlockingQueue<Finish> finishes = new LinkedBlockingQueue<>();

    /** All three guarded by this. */
    private final List<Runner> running = new ArrayList<>();

    private @Nullable Runner winner;
    private boolean closed;

    private record Runner(InetAddress address, Socket socket) {}

    /**
     * @param failure null where the runner has connected
     */
    private record Finish(Runner runner, @Nullable IOException failure) {}

    /**
     * @param addresses in the order in which to try them, at least one
     * @param order is told which of them failed
     */
    ConnectRace(List<InetAddress> addresses, int port, AddressOrder order, Expiry expiry) {
        this.addresses = addresses;
        this.port = port;
        this.order = order;
        this.expiry = expiry;
    }

    /** The connected socket; its owner closes it. */
    Socket run() throws IOException {
        boolean handedOn = false;
        try (this) {
            Socket connected = addresses.size() == 1 ? alone() : first();
            handedOn = true;
            return connected;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SocketException("connecting was interrupted");
        } finally {
            if (!handedOn) {
                abandon();
            }
        }
    }

    /** The usual case needs no second thread. */
    private Socket alone() throws IOException {
        Runner runner = enter(addresses.getFirst());
        attempt(runner);
        claim(runner);
        return runner.socket();
    }

    private Socket first() throws IOException, InterruptedException {
        @Nullable IOException last = null;
        int begun = 0;
        int under = 0;
        while (under > 0 || begun < addresses.size()) {
            if (begun < addresses.size()) {
                start(enter(addresses.get(begun++)));
                under++;
            }
            boolean more = begun < addresses.size();
            long wait = more ? delay(expiry.left(), addresses.size() - begun) : expiry.left();
            Finish finish = finishes.poll(wait, NANOSECONDS);
            if (finish != null && finish.failure() == null) {
                return finish.runner().socket();
            }
            if (finish != null) {
                under--;
                last = finish.failure();
            } else if (!more) {
                throw silent();
            }
        }
        throw Objects.requireNonNull(last);
    }

    /** A short time limit is shared, so that every address has its turn. */
    static long delay(long leftNanos, int waiting) {
        return Math.min(DELAY_NANOS, leftNanos / (waiting + 1));
    }

    /** It connected in the very moment in which nobody waited any more. */
    private synchronized void abandon() {
        if (winner != null) {
            CallGuard.closeQuietly(winner.socket());
        }
    }

    private synchronized IOException silent() {
        if (!ended()) {
            running.forEach(runner -> order.failed(runner.address()));
        }
        return new SocketTimeoutException("connect timed out");
    }

    private Runner enter(InetAddress address) throws IOException {
        Runner runner = new Runner(address, new Socket(Proxy.NO_PROXY));
        synchronized (this) {
            if (closed) {
                throw new SocketException("Socket closed");
            }
            running.add(runner);
        }
        return runner;
    }

    private void start(Runner runner) {
        Thread.ofVirtual()
                .name("connect-" + runner.address().getHostAddress())
                .start(
                        () -> {
                            try {
                                attempt(runner);
                                claim(runner);
                                finishes.add(new Finish(runner, null));
                            } catch (IOException e) {
                                finishes.add(new Finish(runner, e));
                            }
                        });
    }

    private void attempt(Runner runner) throws IOException {
        try {
            Tuning.apply(runner.socket());
            InetSocketAddress to = new InetSocketAddress(runner.address(), port);
            runner.socket().connect(to, expiry.millis());
        } catch (IOException e) {
            // Closed from outside it says nothing; an interrupt closes a virtual thread's socket
            // too.
            if (!ended() && !Thread.currentThread().isInterrupted()) {
                order.failed(runner.address());
            }
            throw e;
        }
        order.connected(runner.address());
    }

    /** Only one connection is wanted: all others are closed, also those that come later. */
    private synchronized void claim(Runner runner) throws IOException {
        if (closed || winner != null) {
            CallGuard.closeQuietly(runner.socket());
            throw new SocketException("Socket closed");
        }
        winner = runner;
    }

    private synchronized boolean ended() {
        return closed || winner != null;
    }

    /**
     * Gives up every attempt but the one that won; those that were begun before it were too slow.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean overtaken = winner != null;
        for (Runner runner : running) {
            if (runner.equals(winner)) {
                overtaken = false;
            } else {
                CallGuard.closeQuietly(runner.socket());
                if (overtaken) {
                    order.failed(runner.address());
                }
            }
        }
    }
}
