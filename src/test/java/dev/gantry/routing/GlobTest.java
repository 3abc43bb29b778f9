package dev.gantry.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest(name = "{0} matches {1}: {2}")
    @CsvSource({
        "system:guardrails, system:guardrails,  true",
        "system:guardrails, system:guardrails2, false",
        "system:*,          system:,            true",
        "system:*,          user:system:x,      false",
        "*:jo,              user:jo,            true",
        "a*b*c,             a-b-b-c,            true",
        "a*b*c,             a-c-b,              false",
        "user:?o,           user:jo,            true",
        "user:?o,           user:o,             false",
        "*,                 anything,           true",
        "a.c,               abc,                false"
    })
    void matchesStarsAndQuestionMarksOnly(String glob, String text, boolean matches) {
        assertThat(Glob.matches(glob, text)).isEqualTo(matches);
    }

    @Test
    @Timeout(120)
    void staysFastOnTextThatNearlyMatchesEverywhere() {
        String glob = "*a".repeat(50) + "b";

        boolean matches = Glob.matches(glob, "a".repeat(2048));

        assertThat(matches).isFalse();
    }
}
