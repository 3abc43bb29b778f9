package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.ErrorKind;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words that the systems before this one knew their errors by. */
class SeedWordingsTest {
    @ParameterizedTest(name = "{0} {2} is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    429 | BAD_REQUEST      | {"error":{"type":"quota_exceeded","message":"max_tokens=30000 exceeds tier \\"vip-3\\" ceiling (16384). Lower max_tokens or upgrade tier."}}
                    429 | BAD_REQUEST      | {"error":{"message":"max_tokens: 30000 > 8192, which is the maximum allowed for this model"}}
                    429 | BAD_REQUEST      | {"error":{"message":"max_completion_tokens is above the ceiling of your tier"}}
                    429 | RATE_LIMIT       | {"error":{"message":"Lower max_tokens or try again in 5s"}}
                    400 | BILLING          | {"error":{"message":"Quota exceeded."}}
                    403 | BILLING          | {"error":{"message":"quota exhausted for this account"}}
                    429 | BILLING          | {"error":{"message":"You are over quota"}}
                    403 | BILLING          | {"error":{"message":"Please check your plan and billing details"}}
                    429 | BILLING          | {"error":{"message":"Please check your plan and billing details"}}
                    429 | RATE_LIMIT       | {"error":{"message":"Quota exceeded for requests per minute"}}
                    400 | BILLING          | {"error":{"code":"credit_balance_too_low"}}
                    403 | BILLING          | {"error":{"code":"credit_balance_too_low"}}
                    429 | BILLING          | {"error":{"code":"credit_balance_too_low"}}
                    400 | BILLING          | {"error":{"message":"upstream said credit_balance_too_low here"}}
                    429 | BILLING          | {"error":{"message":"OpenAIException - {'error': {'message': 'no', 'code': 'insufficient_quota', 'param': None}}"}}
                    400 | BILLING          | {"error":{"message":"litellm.BadRequestError: OpenAIException - Error code: 429 - {'error': {'code': 'insufficient_quota'}}"}}
                    400 | MODEL_MISSING    | {"error":{"code":"InvalidModel","message":"no"}}
                    404 | MODEL_MISSING    | {"error":{"code":"EndpointIsNotEnabled","message":"no"}}
                    400 | MODEL_MISSING    | {"message":"Subscribe to it in the AWS Marketplace first."}
                    400 | CONTEXT_OVERFLOW | {"error":{"code":"context_overflow"}}
                    400 | CONTEXT_OVERFLOW | {"error":{"code":"prompt_tokens_exceeded"}}
                    400 | CONTEXT_OVERFLOW | {"error":{"code":"session_ctx_exceeded"}}
                    400 | CONTEXT_OVERFLOW | {"error":{"code":"max-session-ctx"}}
                    400 | CONTEXT_OVERFLOW | {"error":{"message":"the prompt contains at least 9000 input tokens"}}
                    """)
    void meanWhatTheyMeantThere(int status, ErrorKind kind, String body) {
        assertThat(Answers.classify(status, body).orElseThrow().kind()).isEqualTo(kind);
    }
}
