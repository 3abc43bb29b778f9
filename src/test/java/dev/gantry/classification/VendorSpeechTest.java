package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.RequestOptions;
import dev.gantry.metering.MeteringSamples;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Map;

/** What a provider quotes speaks for nothing, whoever wrote it. */
class VendorSpeechTest {
    private static final String PROMPT = "Customer writes: my credit balance is too low, or unpaid";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Input should be valid, got \\\"my credit balance is too low\\\"",
                "Input 'my credit balance is too low' is no list",
                "`my credit balance is too low` is not a tool",
                "2 validation errors: {'loc': ('body', 0), 'input': 'my credit balance is too low'}",
                "1 validation error [type=string, input_value=my credit balance is too low, input_type=str]",
                "Failed to download https://acme.example/unpaid/past-due.png",
                "cannot read acme.example/unpaid/account-suspended",
                "tools.0.function.overdue: not allowed here",
                "Unexpected word: overdue",
                "Invalid content: Customer writes: my credit balance is too low, or unpaid",
                "Could not parse my credit balance is too lo"
            })
    void quotesAndEchoesBenchNobody(String message) {
        Classification actual =
                classify(400, "{\"error\":{\"message\":\"%s\"}}".formatted(message));

        assertThat(actual.kind()).isEqualTo(ErrorKind.BAD_REQUEST);
        assertThat(actual.scope()).isEqualTo(Scope.REQUEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"my credit balance is too low", "overdue invoices", "insufficient funds"})
    void aCodeThatIsASentenceIsNone(String code) {
        Classification actual = classify(400, "{\"error\":{\"code\":\"%s\"}}".formatted(code));

        assertThat(actual.kind()).isEqualTo(ErrorKind.BAD_REQUEST);
        assertThat(actual.code()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Your credit balance is too low to access the API. Please go to Plans & Billing.",
                "The customer's organization's balance is too low"
            })
    void aSentenceOfItsOwnCounts(String message) {
        Classification actual =
                Answers.classify(400, "{\"error\":{\"message\":\"%s\"}}".formatted(message))
                        .orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.BILLING);
        assertThat(actual.basis()).isEqualTo(Basis.TEXT);
    }

    @Test
    void whatIsSharedHoldsNoWordOfTheProviders() {
        Classification actual =
                classify(
                        402,
                        "{\"error\":{\"message\":\"secretword, pay\",\"code\":\"payment_required\"}}");

        assertThat(actual.message()).contains("secretword");
        assertThat(actual.reason())
                .isEqualTo("HTTP 402, code payment_required, rule balance: payment_required");
    }

    @Test
    void aSuccessIsQuotedNowhere() {
        Classification actual =
                classify(200, "{\"error\":{\"message\":\"secretword\",\"code\":429}}");

        assertThat(actual.kind()).isEqualTo(ErrorKind.RATE_LIMIT);
        assertThat(actual.message()).doesNotContain("secretword");
    }

    private static Classification classify(int status, String body) {
        String messages = "[{\"role\":\"user\",\"content\":\"%s\"}]".formatted(PROMPT);
        var request =
                MeteringSamples.request(
                        MeteringSamples.options(RequestOptions.Sensitivity.NONE),
                        MeteringSamples.body(messages, null));
        return Answers.classify(Answers.answer(status, body, Map.of()), "generic", request)
                .orElseThrow();
    }
}
