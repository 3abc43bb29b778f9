package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Against what looks at one byte after the other. */
class JsonBytesTest {
    /** What is told apart, and its neighbours. */
    private static final byte[] LETTERS = {
        '\t', '\n', 0x0B, '\r', 0x1F, ' ', '"', 'a', 0x7F, (byte) 0x80, (byte) 0xC3, (byte) 0xA9
    };

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    private byte[] bytes(int kinds) {
        byte[] bytes = new byte[random.nextInt(40)];
        for (int at = 0; at < bytes.length; at++) {
            boolean plain = random.nextInt(4) > 0;
            bytes[at] = plain ? (byte) 'x' : LETTERS[random.nextInt(kinds)];
        }
        return bytes;
    }

    @Test
    void everyLineBreakBecomesABlankAndNothingElseChanges() {
        for (int round = 0; round < 5_000; round++) {
            byte[] joined = bytes(LETTERS.length);
            byte[] wanted = joined.clone();
            for (int at = 0; at < wanted.length; at++) {
                wanted[at] = wanted[at] == '\n' || wanted[at] == '\r' ? (byte) ' ' : wanted[at];
            }

            JsonBytes.joinLines(joined);

            assertThat(joined).as("seed %d", seed).isEqualTo(wanted);
        }
    }

    @Test
    void whatTheDecoderRefusesIsNoUtf8() {
        int refused = 0;
        for (int round = 0; round < 5_000; round++) {
            byte[] text = bytes(LETTERS.length - random.nextInt(4));

            boolean decodable = decodable(text);
            refused += decodable ? 0 : 1;

            assertThat(JsonBytes.isUtf8(text)).as("seed %d", seed).isEqualTo(decodable);
        }
        assertThat(refused).isBetween(1, 4_999);
    }

    private static boolean decodable(byte[] text) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
