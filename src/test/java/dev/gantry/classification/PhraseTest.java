package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhraseTest {
    @ParameterizedTest(name = "{0} in {1}: {2}")
    @CsvSource(
            delimiter = '~',
            textBlock =
                    """
                    too busy                ~ we are too busy now        ~ true
                    too busy                ~ we are too busybody        ~ false
                    (over|at) capacity      ~ it is at capacity.         ~ true
                    (over|at) capacity      ~ it is near capacity        ~ false
                    credit* … (used|gone)   ~ your credits are all gone  ~ true
                    credit* … (used|gone)   ~ your credits stay. all gone ~ false
                    *_per_day               ~ requests_per_day           ~ true
                    per_day                 ~ requests_per_day           ~ false
                    a … b … c               ~ a b a b c                  ~ true
                    model … not found       ~ not found is the model     ~ false
                    余额                    ~ 您的余额不足                 ~ true
                    """)
    void standsInATextOrNot(String phrase, String text, boolean stands) {
        assertThat(Phrase.of(phrase).in(text)).isEqualTo(stands);
    }
}
