package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Nothing that comes from elsewhere steers a terminal. */
class VisibleTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                0x00, 0x07, 0x08, 0x0A, 0x0D, 0x1B, 0x7F, 0x80, 0x9B, 0x9D, 0xAD, 0x61C, 0x115F,
                0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E,
                0x2060, 0x2066, 0x2069, 0x3164, 0xD800, 0xFEFF, 0xFFF9, 0xE0041
            })
    void showsWhatSteersOrHides(int point) {
        String hidden = "a" + new String(Character.toChars(point)) + "b";

        assertThat(Visible.line(hidden)).matches("a(\\\\u[0-9a-f]{4}){1,2}b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain text, 1 %",
                "Ünïcode",
                "👩\u200D👩\u200D👧",
                "می\u200Cخواهم",
                "क्\u200Dष",
                "日本語",
                "e\u0301"
            })
    void leavesWhatPeopleWrite(String text) {
        assertThat(Visible.line(text)).isEqualTo(text);
    }

    @Test
    void keepsSentencesOnOneLine() {
        assertThat(Visible.sentence("FATAL: no\n  Detail: \u001B[31mnone\r\n"))
                .isEqualTo("FATAL: no Detail: \\u001b[31mnone");
        assertThat(Visible.lines("one\ntwo\rthree\u009B2J"))
                .isEqualTo("one\ntwo\\u000dthree\\u009b2J");
    }

    @Test
    void cutsQuotedTextBetweenCharacters() {
        assertThat(Visible.quoted("😀".repeat(70))).isEqualTo('"' + "😀".repeat(60) + "…\"");
        assertThat(Visible.quoted("a\u202Eb")).isEqualTo("\"a\\u202eb\"");
    }

    @Test
    void leavesJsonTheSame() {
        Map<String, String> wild =
                Map.of("k\u202E", "\u001B[2J\u009B \u200B \uDB40\uDC41 \u2028 👩\u200D👧 \n");
        String json = JsonMapper.shared().writeValueAsString(wild);

        String shown = Visible.json(json);

        assertThat(shown).doesNotContainPattern("[\u0000-\u001F\u007F-\u009F\u202E\u200B\u2028]");
        assertThat(JsonMapper.shared().readTree(shown))
                .isEqualTo(JsonMapper.shared().readTree(json));
    }

    @Test
    void theTerminalIsWhereItHappens() {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        Terminal terminal =
                Terminal.interactive(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        80);

        terminal.note("note \u001B]0;title\u0007");
        terminal.draw("line \u009B2J");
        terminal.answer("answer \u202E");
        terminal.answerJson("{\"a\":\"\u009B\"}");
        terminal.answer("{\"b\":\"\u009B\"}".getBytes(StandardCharsets.UTF_8));

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("answer \\u202e\n{\"a\":\"\\u009b\"}\n{\"b\":\"\\u009b\"}\n");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("note \\u001b]0;title\\u0007\n", "line \\u009b2J")
                .doesNotContain("\u001B", "\u009B");
    }

    @Test
    void whatNobodyCanReadIsATrouble() {
        var closed = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        closed.close();
        var err = new ByteArrayOutputStream();
        Terminal terminal =
                Terminal.plain(closed, new PrintStream(err, true, StandardCharsets.UTF_8));

        terminal.answer("lost");

        assertThat(terminal.conclude(0)).isEqualTo(1);
        assertThat(terminal.conclude(3)).isEqualTo(3);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("standard output cannot be written");
    }
}
