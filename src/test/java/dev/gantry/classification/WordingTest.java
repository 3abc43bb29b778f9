package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordingTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Incorrect API key provided: sk-proj-SECRETabc123. Find yours",
                "key sk-ant-api03-SECRET_abc-123 is bad",
                "header was 'Authorization: Bearer SECRET.abc/123=='",
                "Bearer SECRETabc123",
                "Basic SECRETabc123SECRETabc123==",
                "key AIzaSECRETabcdefghijklmn was leaked",
                "gsk_SECRETabc123",
                "hf_SECRETabc123",
                "AKIASECRET123456ABCD",
                "jwt eyJSECRETabc.eyJSECRET.abc",
                "{\"api_key\": \"SECRETabc123\"}",
                "api-key=SECRETabc123",
                "https://x/?token=SECRETabc123&a=b",
                "hash SECRET-less 0123456789abcdef0123456789abcdef"
            })
    void leavesNoSecretInAMessage(String text) {
        String clean = Wording.clean(text);

        assertThat(clean).contains("***").doesNotContain("SECRETa", "89abcdef");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Rate limit reached for gpt-4o on tokens per min: Limit 30000, Used 30000",
                "The model `meta-llama/Llama-3.3-70B-Instruct` does not exist",
                "task-based risk-free ask-me"
            })
    void leavesOrdinaryWordsAlone(String text) {
        assertThat(Wording.clean(text)).isEqualTo(text);
    }

    @Test
    void cutsAtFiveHundredNeverWithinACharacter() {
        String clean = Wording.clean("😀".repeat(400));

        assertThat(clean).hasSizeLessThanOrEqualTo(500).endsWith("😀…");
    }

    @Test
    void putsEverythingOnOneLine() {
        assertThat(Wording.clean(" a\r\n\tb \u0000c ")).isEqualTo("a b c");
    }
}
