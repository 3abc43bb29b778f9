package dev.gantry.request;

import dev.gantry.inference.IdRule;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;

/** The rules for names of requests, and the minting of execution ids. */
final class RequestIds {
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int EXECUTION_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private RequestIds() {}

    static String checkedCustomId(@Nullable String customId) {
        if (customId == null) {
            throw new InvalidRequest("custom_id: missing; a text of 1 to 512 printable characters");
        }
        if (!IdRule.isCustomId(customId)) {
            int length = customId.codePointCount(0, customId.length());
            throw InvalidRequest.wrongType(
                    "custom_id",
                    "a text of " + length + " characters",
                    "one of 1 to 512 printable characters");
        }
        return customId;
    }

    static @Nullable String checkedBatchId(String member, @Nullable String batchId) {
        if (batchId != null && !IdRule.isBatchId(batchId)) {
            throw InvalidRequest.wrongType(
                    member, JsonText.shorten(batchId), "[A-Za-z0-9._:-]{1,64}");
        }
        return batchId;
    }

    /** 128 random bits in lower-case base32. */
    static String newExecution() {
        byte[] bits = new byte[EXECUTION_BITS / 8];
        RANDOM.nextBytes(bits);
        StringBuilder text = new StringBuilder(26);
        int buffer = 0;
        int held = 0;
        for (byte each : bits) {
            buffer = (buffer << 8) | (each & 0xff);
            held += 8;
            while (held >= 5) {
                held -= 5;
                text.append(BASE32.charAt((buffer >> held) & 31));
            }
        }
        return text.append(BASE32.charAt((buffer << (5 - held)) & 31)).toString();
    }
}
