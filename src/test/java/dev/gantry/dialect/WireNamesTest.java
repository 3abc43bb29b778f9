package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"stop", "Z9", "gpt-5-mini_2025.08", "-"})
    void aWordIsANameToo(String value) {
        assertThat(WireNames.word(value)).isEqualTo(value);
        assertThat(WireNames.id(value)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", "models/x", "a@b", "a+b", "a=", "~"})
    void aNameHasMarksThatAWordLacks(String value) {
        assertThat(WireNames.word(value)).isNull();
        assertThat(WireNames.id(value)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\n", "ä", "\u0660", "a\"b", "{", "[", "`"})
    void whatHasNotTheShapeIsDropped(String value) {
        assertThat(WireNames.word(value)).isNull();
        assertThat(WireNames.id(value)).isNull();
    }

    @Test
    void bothAreBounded() {
        assertThat(WireNames.word("a".repeat(64))).isNotNull();
        assertThat(WireNames.word("a".repeat(65))).isNull();
        assertThat(WireNames.id("a".repeat(256))).isNotNull();
        assertThat(WireNames.id("a".repeat(257))).isNull();
    }
}
