package dev.gantry.simulator;

import dev.gantry.simulator.http.Door;
import dev.gantry.simulator.script.Script;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A provider with an OpenAI-compatible API that does what its script says and keeps a ledger.
 *
 * <p>Serves POST /v1/chat/completions (also as a stream), POST /v1/responses, POST /v1/embeddings,
 * POST /v1/completions, POST /v1/moderations, GET /v1/models, GET /api/tags, POST /v1/messages as
 * Anthropic does, POST /v1beta/models/{model}:generateContent as Gemini does; and, for tests in
 * another process, GET /_simulator/ledger (JSONL), GET /_simulator/summary, POST
 * /_simulator/script, POST /_simulator/models, POST /_simulator/reset.
 */
public final class SimulatedProvider implements AutoCloseable {
    /** Seeds are drawn below this, so that people can copy them. */
    private static final long SEEDS = 1_000_000_000;

    private final Door door;
    private final ScriptStage stage;
    private final Ledger ledger;

    private SimulatedProvider(Door door, ScriptStage stage, Ledger ledger) {
        this.door = door;
        this.stage = stage;
        this.ledger = ledger;
    }

    /** Starts at a free port of the loopback interface. */
    public static SimulatedProvider start(Script script) throws IOException {
        return start(script, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** Starts at this address; port 0 takes a free one. */
    public static SimulatedProvider start(Script script, InetSocketAddress bind)
            throws IOException {
        return start(script, bind, Ledger.usualLimit());
    }

    /**
     * Starts with a ledger that lists at most so many calls; its sums are complete in any case.
     *
     * @param ledgerLimit 0: sums only
     */
    public static SimulatedProvider start(Script script, InetSocketAddress bind, int ledgerLimit)
            throws IOException {
        return start(script, bind, ledgerLimit, InstantSource.system());
    }

    static SimulatedProvider start(
            Script script, InetSocketAddress bind, int ledgerLimit, InstantSource clock)
            throws IOException {
        Door door = Door.at(bind);
        try {
            var ledger = new Ledger(ledgerLimit);
            long seed = ThreadLocalRandom.current().nextLong(SEEDS);
            var stage = new ScriptStage(door, clock, script, seed);
            var endpoints = new Endpoints(stage, ledger, clock, new ControlDesk(stage, ledger));
            door.welcome(connection -> new Conversation(connection, endpoints).run());
            stage.restart();
            return new SimulatedProvider(door, stage, ledger);
        } catch (IOException e) {
            door.close();
            throw e;
        } catch (InterruptedException e) {
            door.close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted at the start");
        }
    }

    /** Where clients find the API: {@code http://127.0.0.1:port/v1}. */
    public URI baseUrl() {
        return address().resolve("/v1");
    }

    /** The server itself: {@code http://127.0.0.1:port/}. */
    public URI address() {
        InetAddress bound = door.address().getAddress();
        InetAddress host = bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound;
        String name =
                host instanceof Inet6Address
                        ? "[" + host.getHostAddress() + "]"
                        : host.getHostAddress();
        return URI.create("http://%s:%d/".formatted(name, door.address().getPort()));
    }

    public Script script() {
        return stage.running().script();
    }

    /** Replaces the script; calls under way go on by the old one. */
    public void script(Script script) throws IOException, InterruptedException {
        stage.play(script);
    }

    /** What lists of models say until another script is played, whatever it has rules for. */
    public void list(String... models) {
        stage.list(List.of(models));
    }

    public Ledger ledger() {
        return ledger;
    }

    /** Forgets the ended calls and starts the script anew. */
    public void reset() throws IOException, InterruptedException {
        stage.restart();
        ledger.reset();
    }

    /** The seed in force: the script's own, or the one drawn at the start. */
    public long seed() {
        return stage.running().seed();
    }

    /** Refuses connections and resets the open ones, as a host that is down. */
    public void goDown() throws IOException {
        door.shut();
    }

    /** Undoes {@link #goDown}. */
    public void comeBack() throws IOException {
        door.open();
    }

    /** Cuts what is under way; returns when all of it is in the ledger. */
    @Override
    public void close() throws IOException {
        try {
            stage.dismiss();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        door.close();
    }
}
