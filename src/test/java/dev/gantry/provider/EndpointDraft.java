package dev.gantry.provider;

import dev.gantry.inference.Dialect;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** An endpoint in the making: plain unless a test says otherwise. */
public final class EndpointDraft {
    static final String KEY = "sk-secret";

    private final URI baseUrl;
    private String instance = "main";
    private Dialect dialect = Dialect.OPENAI;
    private Endpoint.Auth auth = new Endpoint.Auth.Bearer();
    private @Nullable String key = KEY;
    private @Nullable Path keyFile;
    private Map<String, String> headers = Map.of();
    private Duration connectTimeout = Calls.LONG;
    private Duration stallTimeout = Calls.LONG;
    private boolean trace;
    private @Nullable String sslBundle;
    private @Nullable URI proxy;

    public EndpointDraft(URI baseUrl) {
        this.baseUrl = baseUrl;
    }

    EndpointDraft(ScriptedServer server) {
        this(server.baseUrl());
    }

    public EndpointDraft instance(String value) {
        instance = value;
        return this;
    }

    public EndpointDraft dialect(Dialect value) {
        dialect = value;
        return this;
    }

    public EndpointDraft auth(Endpoint.Auth value) {
        auth = value;
        return this;
    }

    public EndpointDraft key(@Nullable String value) {
        key = value;
        return this;
    }

    EndpointDraft keyFile(Path value) {
        keyFile = value;
        return key(null);
    }

    public EndpointDraft headers(Map<String, String> value) {
        headers = value;
        return this;
    }

    EndpointDraft connectTimeout(Duration value) {
        connectTimeout = value;
        return this;
    }

    EndpointDraft stallTimeout(Duration value) {
        stallTimeout = value;
        return this;
    }

    public EndpointDraft propagateTrace() {
        trace = true;
        return this;
    }

    EndpointDraft sslBundle(String value) {
        sslBundle = value;
        return this;
    }

    EndpointDraft proxy(URI value) {
        proxy = value;
        return this;
    }

    public Endpoint build() {
        return new Endpoint(
                "sim",
                instance,
                dialect,
                "openai",
                baseUrl,
                auth,
                key,
                keyFile,
                headers,
                Calls.LONG,
                connectTimeout,
                stallTimeout,
                trace,
                sslBundle,
                proxy);
    }
}
