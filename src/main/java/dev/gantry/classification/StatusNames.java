package dev.gantry.classification;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The statuses that errors go by where HTTP has spoken too early or too broadly, in streams and
 * behind gateways: the names of gRPC, of OpenAI's and Anthropic's types, of Bedrock's exceptions.
 */
final class StatusNames {
    private static final Map<String, Integer> STATUSES = new HashMap<>();

    static {
        name(400, "invalid_request_error", "invalid_argument", "badrequesterror", "bad_request");
        name(400, "validationexception", "failed_precondition", "out_of_range", "invalid_request");
        name(400, "invalidparameter", "invalidparametervalue", "missingparameter");
        name(400, "invalid_parameter_error", "invalid_parameter", "unsupportedoperation");
        name(401, "authentication_error", "unauthenticated", "unauthorized", "authfailure");
        name(402, "billing_error", "payment_required");
        name(403, "permission_error", "permission_denied", "accessdeniedexception", "forbidden");
        name(404, "not_found_error", "not_found", "resourcenotfoundexception", "notfounderror");
        name(408, "modeltimeoutexception");
        name(413, "request_too_large");
        name(424, "modelerrorexception", "modelstreamerrorexception");
        name(429, "rate_limit_error", "rate_limit_exceeded", "resource_exhausted");
        name(429, "throttlingexception", "servicequotaexceededexception", "too_many_requests");
        name(429, "requestlimitexceeded", "limitexceeded");
        name(499, "cancelled");
        name(500, "api_error", "server_error", "internal", "internal_error");
        name(500, "internal_server_error", "internalserverexception", "internalerror");
        name(503, "unavailable", "service_unavailable", "service_unavailable_error");
        name(503, "serviceunavailableexception", "modelnotreadyexception");
        name(504, "deadline_exceeded", "timeout_error");
        name(529, "overloaded_error");
    }

    /** What says hardly more than that there is an error yields to any other name. */
    private static final List<Integer> VAGUE = List.of(400, 500);

    private StatusNames() {}

    private static void name(int status, String... names) {
        for (String each : names) {
            STATUSES.put(each, status);
        }
    }

    /**
     * The status that is meant under an envelope that is too general to be believed.
     *
     * @param codes in lower case
     * @return null if none of them says more than the envelope
     */
    static @Nullable Integer under(int envelope, Collection<String> codes) {
        return switch (envelope / 100) {
            case 2 -> first(codes, false).or(() -> first(codes, true)).orElse(null);
            case 5 -> envelope <= 502 ? first(codes, false).orElse(null) : null;
            default -> null;
        };
    }

    /** {@code LimitExceeded.ModelConcurrency}: the house's kind stands before the point. */
    private static String family(String code) {
        int point = code.indexOf('.');
        return point < 0 ? code : code.substring(0, point);
    }

    private static Optional<Integer> first(Collection<String> codes, boolean vague) {
        return codes.stream()
                .map(StatusNames::family)
                .map(STATUSES::get)
                .filter(Objects::nonNull)
                .filter(status -> VAGUE.contains(status) == vague)
                .findFirst();
    }
}
