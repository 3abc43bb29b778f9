package dev.gantry.config;

import static dev.gantry.config.GantrySettings.absentIfBlank;
import static dev.gantry.config.GantrySettings.sorted;

import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Quality;
import dev.gantry.inference.Tier;
import dev.gantry.secret.Secret;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One entry of {@code gantry.providers}, as written; {@link ProviderCheck} judges it.
 *
 * @param vendor whose error codes apply; null: the family's name, or the dialect's if that is not
 *     OpenAI's
 * @param timeout one attempt, connect to last byte
 * @param stallTimeout between two bytes of an answer that has begun
 * @param auth {@code bearer}, {@code header:<name>} or {@code none}; null: as the dialect has it
 * @param quotaScope what a 429 benches
 * @param discover whether lanes are those of the models that an instance lists
 * @param discoverEvery how often it is asked for them
 * @param propagateTrace null: as the tier says
 * @param sslBundle name of a Spring SSL bundle; null: the JDK's trust
 * @param proxy {@code http://host:port}; null: none
 * @param models with {@code discover}, settings of those that are listed; an id may be a glob then
 * @param deniedModels parts of names; beside those of {@code gantry.routing}, likewise the allowed
 */
public record ProviderSettings(
        @DefaultValue("openai") Dialect dialect,
        @Nullable String vendor,
        @Nullable Tier tier,
        @DefaultValue("100") int weight,
        @DefaultValue("10m") Duration timeout,
        @DefaultValue("10s") Duration connectTimeout,
        @DefaultValue("60s") Duration stallTimeout,
        @Nullable String auth,
        @DefaultValue("lane") QuotaScope quotaScope,
        @DefaultValue("false") boolean discover,
        @DefaultValue("30s") Duration discoverEvery,
        @Nullable Boolean propagateTrace,
        @Nullable String sslBundle,
        @Nullable String proxy,
        @DefaultValue List<String> deniedModels,
        @DefaultValue List<String> allowedModels,
        @DefaultValue Map<String, Instance> instances,
        @DefaultValue List<Model> models) {
    public ProviderSettings {
        vendor = absentIfBlank(vendor);
        auth = absentIfBlank(auth);
        sslBundle = absentIfBlank(sslBundle);
        proxy = absentIfBlank(proxy);
        deniedModels = List.copyOf(deniedModels);
        allowedModels = List.copyOf(allowedModels);
        instances = sorted(instances);
        models = List.copyOf(models);
    }

    /**
     * One endpoint with one credential.
     *
     * @param account instances that share an account share its billing; null: an own one
     * @param headers extra request headers
     * @param models ids, with {@code discover} globs too; empty: all of the provider's models
     * @param limits of all its lanes together
     */
    public record Instance(
            @Nullable String baseUrl,
            @DefaultValue("") Secret apiKey,
            @Nullable String apiKeyFile,
            @Nullable String account,
            @DefaultValue("100") int weight,
            @DefaultValue Map<String, Secret> headers,
            @DefaultValue List<String> models,
            @DefaultValue Limits limits) {
        public Instance {
            baseUrl = absentIfBlank(baseUrl);
            apiKeyFile = absentIfBlank(apiKeyFile);
            account = absentIfBlank(account);
            headers = sorted(headers);
            models = List.copyOf(models);
        }
    }

    /**
     * One model of the provider.
     *
     * @param maxTokensField the body member that carries the output limit
     * @param unsupportedParams dropped for these lanes only
     * @param limits of each of its lanes, beside those of their instances
     */
    public record Model(
            @Nullable String id,
            @DefaultValue List<String> aliases,
            @DefaultValue("inference") ModelType type,
            @Nullable Long contextWindow,
            @Nullable Long maxOutputTokens,
            @DefaultValue("max_tokens") String maxTokensField,
            @DefaultValue List<String> unsupportedParams,
            @DefaultValue List<String> capabilities,
            @DefaultValue("100") int weight,
            @Nullable Quality quality,
            @DefaultValue Prices price,
            @DefaultValue Limits limits) {
        /** What counts of a listed model that no entry is for. */
        public static final Model PLAIN =
                new Binder().bindOrCreate("none", Bindable.of(Model.class));

        public Model {
            id = absentIfBlank(id);
            aliases = List.copyOf(aliases);
            unsupportedParams = List.copyOf(unsupportedParams);
            capabilities = List.copyOf(capabilities);
        }
    }

    /**
     * What the whole fleet may do; null: nothing is said, and it is learnt.
     *
     * @param tokensPerMinute of input and requested output together
     * @param maxConcurrent calls under way at once
     */
    public record Limits(
            @Nullable Long requestsPerMinute,
            @Nullable Long tokensPerMinute,
            @Nullable Integer maxConcurrent) {
        public static final Limits NONE = new Limits(null, null, null);
    }

    /** USD per million tokens, as decimal text; null is unknown, which is not free. */
    public record Prices(
            @Nullable String input,
            @Nullable String cachedInput,
            @Nullable String cacheWrite,
            @Nullable String output) {
        public Prices {
            input = absentIfBlank(input);
            cachedInput = absentIfBlank(cachedInput);
            cacheWrite = absentIfBlank(cacheWrite);
            output = absentIfBlank(output);
        }
    }
}
