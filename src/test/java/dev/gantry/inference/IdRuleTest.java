package dev.gantry.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdRuleTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                " ",
                "👩\u200D👩\u200D👧", // a family, joined
                "🏴\uDB40\uDC67\uDB40\uDC62\uDB40\uDC7F", // a flag, of tag characters
                "می\u200Cخواهم", // Persian, with a non-joiner
                "\u200Fעברית\u200E", // marks of direction
                "\u202Bبغداد\u202C",
                "soft\u00ADhyphen",
                "\uE000", // private use
                "\uD88D\uDE00" // not assigned yet
            })
    void takesWhatPeopleWrite(String id) {
        assertThat(IdRule.isCustomId(id)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a\u0000",
                "\u001B[2J",
                "a\tb",
                "line\n",
                "\u009B2J",
                "a\u007F",
                "a\u2028b",
                "a\u2029b",
                "\uD83D", // half a pair
                "\uDE00\uD83D",
                "\uFFFF",
                "\uFDD0"
            })
    void refusesWhatIsNoText(String id) {
        assertThat(IdRule.isCustomId(id)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "😀"})
    void countsCodePoints(String character) {
        assertThat(IdRule.isCustomId(character.repeat(512))).isTrue();
        assertThat(IdRule.isCustomId(character.repeat(513))).isFalse();
    }
}
