package dev.gantry.intake;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.util.regex.Pattern;

/** The rules for names of requests, and the minting of execution ids. */
final class RequestIds {
    private static final int MAX_CUSTOM_ID = 512;
    private static final Pattern BATCH_ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int EXECUTION_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private RequestIds() {}

    static String checkedCustomId(@Nullable String customId) {
        if (customId == null) {
            throw new InvalidRequest("custom_id: missing; a text of 1 to 512 printable characters");
        }
        int length = customId.codePointCount(0, customId.length());
        if (length < 1
                || length > MAX_CUSTOM_ID
                || !customId.codePoints().allMatch(RequestIds::printable)) {
            throw InvalidRequest.wrongType(
                    "custom_id",
                    "a text of " + length + " characters",
                    "one of 1 to 512 printable characters");
        }
        return customId;
    }

    static @Nullable String checkedBatchId(String member, @Nullable String batchId) {
        if (batchId != null && !BATCH_ID.matcher(batchId).matches()) {
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

    private static boolean printable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
