package dev.gantry.intake.offset;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reads commit metadata as release 0.1.0 does: it works beside this one during an upgrade. */
final class PreviousRelease {
    private PreviousRelease() {}

    record Map(long base, long top, List<Long> incomplete) {}

    static Map read(String text, long committed) {
        if (text.isEmpty()) {
            return none(committed);
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
            if (bytes.get() != 1 || Varint.read(bytes) != committed) {
                return none(committed);
            }
            long top = committed + Varint.read(bytes);
            List<Long> offsets = new ArrayList<>();
            long previous = committed;
            while (bytes.hasRemaining()) {
                previous += Varint.read(bytes);
                offsets.add(previous);
            }
            return new Map(committed, top, offsets);
        } catch (IllegalArgumentException | BufferUnderflowException _) {
            return none(committed);
        }
    }

    private static Map none(long base) {
        return new Map(base, base, List.of());
    }
}
