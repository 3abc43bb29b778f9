package dev.gantry.cli.result;

import dev.gantry.inference.ResultId;
import dev.gantry.inference.SourcePosition;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * Whether a result answers the request that it names. Ids are claimed by whoever writes them; a
 * worker derives its result's id from where the request stands, and that cannot be claimed.
 */
enum ResultClaim {
    TRUE,
    /** It answers another record, whose sender used the same ids. */
    FALSE,
    /** It does not say which fleet it comes from, so that nothing can be derived. */
    UNPROVEN;

    private static final String SOURCE = "/gantry/";

    /**
     * Compares them.
     *
     * @param id the result's
     * @param request where the request stands, null where nobody knows
     */
    static ResultClaim of(
            ConsumerRecord<?, ?> result, @Nullable String id, @Nullable SourcePosition request) {
        String deployment = deployment(result);
        if (deployment == null || request == null || id == null) {
            return UNPROVEN;
        }
        return id.equals(ResultId.of(deployment, request)) ? TRUE : FALSE;
    }

    private static @Nullable String deployment(ConsumerRecord<?, ?> result) {
        Header header = result.headers().lastHeader("ce_source");
        if (header == null || header.value() == null) {
            return null;
        }
        try {
            String path = URI.create(new String(header.value(), StandardCharsets.UTF_8)).getPath();
            return path != null && path.startsWith(SOURCE) ? path.substring(SOURCE.length()) : null;
        } catch (IllegalArgumentException _) {
            return null; // somebody else's idea of a source
        }
    }
}
