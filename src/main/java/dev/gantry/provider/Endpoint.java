package dev.gantry.provider;

import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Dialect;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * One instance of a provider: where it is and with which credential.
 *
 * @param baseUrl ends in the API version, for example {@code https://api.openai.com/v1}
 * @param apiKey null or empty: none; a secret
 * @param apiKeyFile instead of apiKey; read again when it changes and on 401
 * @param headers extra request headers; the values are secrets
 * @param timeout one attempt, connect to last byte
 * @param stallTimeout between two bytes of an answer's body
 * @param sslBundle name of a Spring SSL bundle; null: the JDK's trust
 * @param proxy {@code http://host:port}; null: none
 */
public record Endpoint(
        String provider,
        String instance,
        Dialect dialect,
        String vendor,
        URI baseUrl,
        Auth auth,
        @Nullable String apiKey,
        @Nullable Path apiKeyFile,
        Map<String, String> headers,
        Duration timeout,
        Duration connectTimeout,
        Duration stallTimeout,
        boolean propagateTrace,
        @Nullable String sslBundle,
        @Nullable URI proxy)
        implements CallTarget {
    public Endpoint {
        headers = Map.copyOf(headers);
    }

    /** How the key travels. */
    public sealed interface Auth {
        record Bearer() implements Auth {}

        record Header(String name) implements Auth {}

        record None() implements Auth {}
    }

    @Override
    public String id() {
        return provider + ":" + instance;
    }

    /** Of its name: each call looks its endpoint up, and few share a name. */
    @Override
    public int hashCode() {
        return 31 * provider.hashCode() + instance.hashCode();
    }

    /** Leaves secrets out, and what of the address may hold one. */
    @Override
    public String toString() {
        return "Endpoint[" + id() + " " + baseUrl.getScheme() + "://" + baseUrl.getHost() + "]";
    }
}
