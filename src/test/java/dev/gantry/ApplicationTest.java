package dev.gantry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** That older JVMs can read the class at all, .ci/run looks at in the jar. */
class ApplicationTest {
    @Test
    void anOlderJvmIsToldInOneSentence() {
        assertThat(Application.mistake(24, "/opt/java"))
                .isEqualTo("gantry needs Java 25 or newer; this is Java 24 (/opt/java)");
        assertThat(Application.mistake(25, "/opt/java")).isEmpty();
    }
}
