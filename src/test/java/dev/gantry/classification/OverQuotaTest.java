package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverQuotaTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "on tokens per minute (tpm): limit 7000, used 0, requested ~12903. please try again in",
                "on tokens per min (tpm): limit 30,000, requested 228,450. the input must be reduced",
                "tpm: limit: 6000, used 10, requested: 6001"
            })
    void seesThatARequestIsLargerThanTheWholeQuota(String text) {
        assertThat(OverQuota.in(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "on tokens per minute (tpm): limit 7000, used 6500, requested 700. please try again",
                "on tokens per day (tpd): limit 100000, used 97050, requested 360000.",
                "per minute: limit ,,, requested ,",
                "limit 5, requested 6",
                ""
            })
    void takesAnyOtherForAPace(String text) {
        assertThat(OverQuota.in(text)).isFalse();
    }
}
