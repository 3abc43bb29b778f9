package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigDecimal;

/** An amount is as long as it must be, and nothing but zero is shown as zero. */
class DollarsTest {
    @ParameterizedTest(name = "{0} with {1} digits: {2}")
    @CsvSource({
        "0, 4, 0",
        "0.00000000, 4, 0.0000",
        "0.25, 4, 0.25",
        "0.010000, 4, 0.0100",
        "12.3456789, 4, 12.3457",
        "0.00045, 4, 0.00045",
        "0.0000004, 4, 0.0000004",
        "0.0000001234567, 4, 0.000000123",
        "0.000000004, 6, 0.000000004",
        "1234, 6, 1234",
    })
    void keepsTheFirstDigits(BigDecimal usd, int digits, BigDecimal shown) {
        assertThat(Dollars.brief(usd, digits)).isEqualTo(shown);
    }
}
