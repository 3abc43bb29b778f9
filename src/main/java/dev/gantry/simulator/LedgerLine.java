package dev.gantry.simulator;

import dev.gantry.simulator.http.HttpRequest;
import dev.gantry.simulator.quota.Grant;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** One call's line in the ledger, from its begin to its end. Used by the call's own thread only. */
final class LedgerLine implements AutoCloseable {
    private final Ledger ledger;
    private final InstantSource clock;
    private final Instant started;
    private final @Nullable String attemptId;
    private final @Nullable String key;
    private final String model;
    private Ledger.@Nullable Receipt receipt;

    /** Null: no limit, or it knows of the end. */
    private @Nullable Grant grant;

    /**
     * @param grant is told of the call's end
     */
    LedgerLine(
            Ledger ledger,
            InstantSource clock,
            HttpRequest request,
            String model,
            Instant started,
            @Nullable Grant grant) {
        this.ledger = ledger;
        this.clock = clock;
        this.started = started;
        this.grant = grant;
        this.attemptId = request.header("x-client-request-id");
        this.key = label(request.apiKey());
        this.model = model;
        ledger.begin();
    }

    private void release(BilledTokens tokens) {
        if (grant != null) {
            grant.end(tokens.input() + tokens.output());
            grant = null;
        }
    }

    Duration elapsed() {
        return Duration.between(started, clock.instant());
    }

    /** Of a call that takes no tokens nothing is billed. */
    void billed(Call.Disposition disposition, int status, BilledTokens tokens) {
        enter(disposition, status, tokens, !tokens.equals(BilledTokens.NONE));
    }

    void free(Call.Disposition disposition, int status) {
        enter(disposition, status, BilledTokens.NONE, false);
    }

    /**
     * A call is entered before its last byte leaves, so that whoever has read the answer finds it;
     * should the write fail, it is entered again.
     */
    private void enter(
            Call.Disposition disposition, int status, BilledTokens tokens, boolean billed) {
        Call call =
                new Call(
                        attemptId,
                        model,
                        key,
                        started,
                        clock.instant(),
                        disposition,
                        status,
                        tokens,
                        billed);
        release(tokens);
        if (receipt == null) {
            receipt = ledger.settle(call);
        } else {
            ledger.amend(receipt, call);
        }
    }

    /** The last characters of a key, as far as they give nothing away. */
    static @Nullable String label(@Nullable String key) {
        if (key == null) {
            return null;
        }
        return key.length() < 12 ? "..." : "..." + key.substring(key.length() - 4);
    }

    @Override
    public void close() {
        release(BilledTokens.NONE);
        ledger.end();
    }
}
