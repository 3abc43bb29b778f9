package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class StatusNamesTest {
    @ParameterizedTest(name = "{1} under {0}: {2}")
    @CsvSource({
        "200, throttlingexception, 429",
        "200, invalid_request_error, 400",
        "200, invalid_request_error rate_limit_exceeded, 429",
        "200, no_such_name, ",
        "500, overloaded_error, 529",
        "502, unauthenticated, 401",
        "500, invalid_request_error, ",
        "503, resource_exhausted, ",
        "400, overloaded_error, ",
    })
    void believesANameWhereTheEnvelopeIsTooGeneral(
            int envelope, String names, @Nullable Integer status) {
        assertThat(StatusNames.under(envelope, List.of(names.split(" ")))).isEqualTo(status);
    }
}
