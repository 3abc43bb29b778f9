package dev.gantry.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.openai.JsonMending.Mend;
import dev.gantry.dialect.openai.JsonMending.Mended;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;

class JsonMendingTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":[1,-2.5e+3,true,false,null],\"b\":\"\\u00e9\\n\\\\ NaN Infinity\"}",
                "{ \"Infinity\" : \"-Infinity\" }\r\n",
                "<html>not JSON</html>",
                "{\"cut\":\"of",
                "null",
                ""
            })
    void whatNeedsNoMendingKeepsItsVeryBytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

        Mended mended = JsonMending.of(bytes);

        assertThat(mended.json()).isSameAs(bytes);
        assertThat(mended.mends()).isEmpty();
    }

    @Test
    void rawControlCharactersInStringsAreEscaped() {
        Mended mended = mend("{\"a\":\"line\u000bone\ttwo\nthree\u0000\"}\n");

        assertThat(text(mended))
                .isEqualTo("{\"a\":\"line\\u000bone\\u0009two\\u000athree\\u0000\"}\n");
        assertThat(mended.mends()).isEqualTo(Set.of(Mend.CONTROL_CHARACTERS));
    }

    @ParameterizedTest
    @CsvSource({
        "NaN",
        "nan",
        "-NaN",
        "Infinity",
        "-Infinity",
        "+Infinity",
        "inf",
        "-inf",
    })
    void whatIsNoNumberIsNull(String word) {
        Mended mended = mend("{\"logprob\":" + word + ",\"list\":[" + word + ",1.50]}");

        assertThat(text(mended)).isEqualTo("{\"logprob\":null,\"list\":[null,1.50]}");
        assertThat(mended.mends()).isEqualTo(Set.of(Mend.NUMBERS));
    }

    @Test
    void aBrokenByteBecomesTheReplacementCharacter() {
        byte[] bytes = "{\"a\":\"Total: ?? 12\"}".getBytes(StandardCharsets.ISO_8859_1);
        bytes[13] = (byte) 0xA3;
        bytes[14] = (byte) 0xF0;

        Mended mended = JsonMending.of(bytes);

        assertThat(text(mended)).isEqualTo("{\"a\":\"Total: \ufffd\ufffd 12\"}");
        assertThat(mended.mends()).isEqualTo(Set.of(Mend.ENCODING));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "{\"a\":\"C:\\work\"}, {\"a\":\"C:\\\\work\"}",
                "{\"a\":\"it\\'s\"}, {\"a\":\"it\\\\'s\"}",
                "{\"a\":\"\\u12\"}, {\"a\":\"\\\\u12\"}",
                "{\"a\":\"\\u12G4\"}, {\"a\":\"\\\\u12G4\"}"
            })
    void aBackslashThatBeginsNoEscapeIsMeantAsItself(String broken, String whole) {
        Mended mended = mend(broken);

        assertThat(text(mended)).isEqualTo(whole);
        assertThat(mended.mends()).isEqualTo(Set.of(Mend.ESCAPES));
    }

    @Test
    void severalMistakesAreMendedTogether() {
        Mended mended = mend("{\"a\":\"x\u0001\",\"b\":NaN}");

        assertThat(text(mended)).isEqualTo("{\"a\":\"x\\u0001\",\"b\":null}");
        assertThat(mended.mends()).isEqualTo(Set.of(Mend.CONTROL_CHARACTERS, Mend.NUMBERS));
    }

    /** Whatever a mend does to text, it stays one JSON value of the same shape. */
    @Test
    void randomTextInAStringIsAlwaysMended() {
        long seed = Long.getLong("mending.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            byte[] text = new byte[random.nextInt(40)];
            random.nextBytes(text);
            for (int i = 0; i < text.length; i++) {
                text[i] = text[i] == '"' || text[i] == '\\' ? (byte) 'x' : text[i];
            }
            byte[] head = "{\"a\":\"".getBytes(StandardCharsets.UTF_8);
            byte[] bytes = new byte[head.length + text.length + 2];
            System.arraycopy(head, 0, bytes, 0, head.length);
            System.arraycopy(text, 0, bytes, head.length, text.length);
            bytes[bytes.length - 2] = '"';
            bytes[bytes.length - 1] = '}';

            byte[] mended = JsonMending.of(bytes).json();

            String expected = new String(text, StandardCharsets.UTF_8);
            assertThat(JsonMapper.shared().readTree(mended).path("a").asString())
                    .as("seed %s, round %s", seed, round)
                    .isEqualTo(expected);
        }
    }

    private static Mended mend(String text) {
        return JsonMending.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Mended mended) {
        return new String(mended.json(), StandardCharsets.UTF_8);
    }
}
