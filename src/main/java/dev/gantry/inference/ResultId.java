package dev.gantry.inference;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The id of a request's result: derived, so that a redelivery repeats it and others can tell. */
public final class ResultId {
    /** 128 bits, as OpenAI's own ids. */
    private static final int BYTES = 16;

    private static final MessageDigest UNUSED = unused();

    private ResultId() {}

    /** The same for the same deployment and position, and for no other. */
    public static String of(String deployment, SourcePosition source) {
        String position =
                String.join(
                        "\n",
                        deployment,
                        source.topic(),
                        Integer.toString(source.partition()),
                        Long.toString(source.offset()),
                        Long.toString(source.timestamp()));
        byte[] digest = sha256().digest(position.getBytes(StandardCharsets.UTF_8));
        return "batch_req_" + HexFormat.of().formatHex(digest, 0, BYTES);
    }

    /** A copy: to look the algorithm up takes longer than to digest a position. */
    private static MessageDigest sha256() {
        try {
            return (MessageDigest) UNUSED.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be copied", e);
        }
    }

    private static MessageDigest unused() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
