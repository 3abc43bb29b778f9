package dev.gantry.metering;

import dev.gantry.inference.Capability;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A price file in the format of LiteLLM's {@code model_prices_and_context_window.json}. Only the
 * models asked for are read, so that what is wrong with others stops nobody.
 */
public final class PriceCatalog {
    /** The text of each number is kept: a double would not be what the file says. */
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final Map<String, Capability> CAPABILITIES =
            Map.of(
                    "supports_function_calling", Capability.TOOLS,
                    "supports_vision", Capability.VISION,
                    "supports_reasoning", Capability.THINKING,
                    "supports_native_streaming", Capability.STREAMING);

    /** 48 bits tell a fleet's files apart. */
    private static final int HASH_BYTES = 6;

    private final JsonNode models;
    private final String version;

    private PriceCatalog(JsonNode models, String version) {
        this.models = models;
        this.version = version;
    }

    /**
     * Of the file's bytes.
     *
     * @throws IllegalArgumentException if it is not a JSON object
     */
    public static PriceCatalog of(byte[] file) {
        try {
            JsonNode root = JSON.readTree(file);
            if (!root.isObject()) {
                throw new IllegalArgumentException("not a JSON object");
            }
            return new PriceCatalog(root, "sha256:" + hash(file));
        } catch (JacksonException e) {
            // Its message quotes what it does not understand: another file, with a secret perhaps.
            TokenStreamLocation at = e.getLocation();
            throw new IllegalArgumentException(
                    at == null
                            ? "not JSON"
                            : "not JSON at line %d, column %d"
                                    .formatted(at.getLineNr(), at.getColumnNr()));
        }
    }

    /** A hash of the content. */
    public String version() {
        return version;
    }

    /**
     * The price of a provider's model: the entry {@code provider/model}, else the entry of the bare
     * name if it is the provider's own. Another provider's model of that name is another product.
     *
     * @param providers the names that the provider may have here
     * @param region {@code eu} or {@code us} of an endpoint that processes there only; else empty
     * @throws IllegalArgumentException if the entry cannot be understood, naming it
     */
    public Optional<Price> price(Collection<String> providers, String model, String region) {
        return key(providers, model).flatMap(key -> read(key, region));
    }

    /** What else the same entry says. */
    public ModelFacts facts(Collection<String> providers, String model) {
        return key(providers, model).map(key -> facts(models.path(key))).orElse(ModelFacts.NONE);
    }

    private Optional<String> key(Collection<String> providers, String model) {
        Set<String> names = new LinkedHashSet<>();
        for (String provider : providers) {
            names.add(provider);
            names.add(provider.replace('-', '_'));
        }
        for (String name : names) {
            String key = name + "/" + model;
            if (models.path(key).isObject()) {
                return Optional.of(key);
            }
        }
        return names.contains(owner(model)) ? Optional.of(model) : Optional.empty();
    }

    private static ModelFacts facts(JsonNode entry) {
        Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
        CAPABILITIES.forEach(
                (field, capability) -> {
                    if (entry.path(field).asBoolean(false)) {
                        capabilities.add(capability);
                    }
                });
        Long window = tokens(entry.path("max_input_tokens"));
        Long output = tokens(entry.path("max_output_tokens"));
        return new ModelFacts(
                window == null ? tokens(entry.path("max_tokens")) : window,
                output,
                capabilities,
                entry.path("mode").asString("").equals("embedding"));
    }

    private static @Nullable Long tokens(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToLong() && value.asLong() > 0
                ? Long.valueOf(value.asLong())
                : null;
    }

    /** {@code vertex_ai-language-models} is vertex_ai. */
    private String owner(String model) {
        String provider = models.path(model).path("litellm_provider").asString("");
        return provider.split("-", 2)[0].toLowerCase(Locale.ROOT);
    }

    private Optional<Price> read(String key, String region) {
        try {
            return new CatalogEntry(models.path(key), region).price();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("model " + key + ": " + e.getMessage(), e);
        }
    }

    private static String hash(byte[] file) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(file);
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
