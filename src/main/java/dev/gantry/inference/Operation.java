package dev.gantry.inference;

import java.util.Arrays;
import java.util.Optional;

/** The provider endpoint that a request names in {@code url}. */
public enum Operation {
    CHAT("/v1/chat/completions", "chat", ModelType.INFERENCE),
    EMBEDDINGS("/v1/embeddings", "embeddings", ModelType.EMBEDDING);

    private final String url;
    private final String label;
    private final ModelType type;

    Operation(String url, String label, ModelType type) {
        this.url = url;
        this.label = label;
        this.type = type;
    }

    /** The url of an OpenAI batch line. */
    public String url() {
        return url;
    }

    /** The path below a provider's base url, which itself ends in its version. */
    public String path() {
        return url.substring("/v1".length());
    }

    /** The word used in meter events. */
    public String label() {
        return label;
    }

    public ModelType type() {
        return type;
    }

    public static Optional<Operation> of(String url) {
        return Arrays.stream(values()).filter(each -> each.url.equals(url)).findFirst();
    }
}
