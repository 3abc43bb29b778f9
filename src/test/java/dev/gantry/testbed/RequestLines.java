package dev.gantry.testbed;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/** Values of a requests topic, as clients write them. */
public final class RequestLines {
    private RequestLines() {}

    /** A short question to a model. */
    public static String chat(String customId, String model) {
        return chat(customId, model, "Say " + customId);
    }

    public static String chat(String customId, String model, String prompt) {
        return "{\"custom_id\":\"%s\",\"body\":{\"model\":\"%s\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
                .formatted(customId, model, prompt);
    }

    /** A short question to whom a policy of the configuration says. */
    public static String byPolicy(String customId, String policy) {
        return "{\"custom_id\":\"%s\",\"body\":{\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":\"Say %s\"}]},\"gantry\":{\"routing\":{\"policy\":\"%s\"}}}"
                .formatted(customId, customId, policy);
    }

    /** As little as a request can hold; with the names stem0, stem1 and so on. */
    public static List<byte[]> bare(String stem, int count) {
        return names(stem, count).stream()
                .map("{\"custom_id\":\"%s\",\"body\":{\"model\":\"m\"}}"::formatted)
                .map(line -> line.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /** The names stem0, stem1 and so on. */
    public static List<String> names(String stem, int count) {
        return IntStream.range(0, count).mapToObj(each -> stem + each).toList();
    }
}
