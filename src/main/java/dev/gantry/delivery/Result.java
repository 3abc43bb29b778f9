package dev.gantry.delivery;

import dev.gantry.inference.RequestId;
import dev.gantry.inference.SourcePosition;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * One line of the batch output, and what Gantry adds to it.
 *
 * @param id derived from the deployment and the source position: a redelivery repeats it
 * @param queued from the record's timestamp to the first dispatch
 * @param took from receipt to conclusion
 */
record Result(
        String id,
        RequestId requestId,
        String customId,
        @Nullable String batchId,
        Ending ending,
        Tries tries,
        Duration queued,
        Duration took) {
    static final String TYPE = "dev.gantry.request.completed.v1";

    /** 128 bits, as OpenAI's own ids. */
    private static final int ID_BYTES = 16;

    static String id(String deployment, SourcePosition source) {
        String position =
                String.join(
                        "\n",
                        deployment,
                        source.topic(),
                        Integer.toString(source.partition()),
                        Long.toString(source.offset()),
                        Long.toString(source.timestamp()));
        byte[] digest = sha256().digest(position.getBytes(StandardCharsets.UTF_8));
        return "batch_req_" + HexFormat.of().formatHex(digest, 0, ID_BYTES);
    }

    /** The same request ended otherwise. */
    Result ending(Ending other) {
        return new Result(id, requestId, customId, batchId, other, tries, queued, took);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
