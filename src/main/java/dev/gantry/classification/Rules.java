package dev.gantry.classification;

import static dev.gantry.classification.Rule.account;
import static dev.gantry.classification.Rule.instance;
import static dev.gantry.classification.Rule.lane;
import static dev.gantry.classification.Rule.request;
import static dev.gantry.inference.ErrorKind.AUTH;
import static dev.gantry.inference.ErrorKind.BAD_REQUEST;
import static dev.gantry.inference.ErrorKind.BILLING;
import static dev.gantry.inference.ErrorKind.CONTENT_POLICY;
import static dev.gantry.inference.ErrorKind.CONTEXT_OVERFLOW;
import static dev.gantry.inference.ErrorKind.MODEL_MISSING;
import static dev.gantry.inference.ErrorKind.OVERLOADED;
import static dev.gantry.inference.ErrorKind.RATE_LIMIT;
import static dev.gantry.inference.ErrorKind.SERVER;
import static dev.gantry.inference.ErrorKind.TIMEOUT;
import static dev.gantry.inference.ErrorKind.UNKNOWN;

import dev.gantry.classification.Rule.Wait;

import java.util.List;
import java.util.stream.Stream;

/**
 * The table of failures; the first row that holds wins. Its order is not that of {@code ErrorKind}:
 * a cause is looked for where it disguises itself (an empty balance as 429, an overflow as 400)
 * before the status may speak.
 */
final class Rules {
    /** One request larger than a lane's quota per minute: waiting never helps, another lane may. */
    static final Rule OVER_QUOTA =
            request(CONTEXT_OVERFLOW)
                    .phrases(
                            "request too large … tokens per min",
                            "request too large … tokens per minute",
                            "request too large … tpm");

    /** A vendor's numbers mean nothing on another's lanes. */
    private static final List<Rule> VENDORS =
            List.of(
                    account(BILLING).vendor("zai").codes("1113", "1308", "1310"),
                    request(CONTEXT_OVERFLOW).vendor("zai").codes("1261"),
                    request(CONTENT_POLICY).vendor("zai").codes("1301"),
                    lane(RATE_LIMIT).vendor("zai").codes("1302", "1303"),
                    lane(OVERLOADED).vendor("zai").codes("1305"),
                    lane(AUTH).vendor("zai").codes("1311"),
                    lane(RATE_LIMIT).vendor("mistral").codes("1300"),
                    lane(MODEL_MISSING).vendor("mistral").codes("1500"),
                    request(CONTEXT_OVERFLOW).vendor("mistral").codes("3051"),
                    account(BILLING).vendor("cloudflare").codes("4006"),
                    lane(MODEL_MISSING).vendor("cloudflare").codes("5007"),
                    instance(AUTH).vendor("cloudflare").codes("10000"),
                    account(BILLING).vendor("dashscope").on(429).told(Wait.LONG),
                    // The words of OpenAI's empty balance; here they mean the pace.
                    lane(RATE_LIMIT).vendor("dashscope").on(429).codes("insufficient_quota"));

    /** Never shopped around, and not the key's death: they hide behind 400, 403, 404 and 429. */
    private static final List<Rule> REFUSALS =
            List.of(
                    request(BAD_REQUEST).phrases("matching your … data policy"),
                    request(CONTENT_POLICY)
                            .not(429)
                            .codes("content_filter", "content_policy", "content_policy_violation")
                            .codes("data_inspection_failed", "datainspectionfailed")
                            .codes("moderation_blocked", "prohibited_content")
                            .codes("responsibleaipolicyviolation")
                            .phrases("content management policy", "content filtering policy")
                            .phrases("content policy", "usage policy", "usage policies")
                            .phrases("was flagged", "been flagged", "requires moderation")
                            .phrases("safety system", "content exists risk")
                            .phrases("inappropriate content", "prompt injection"),
                    lane(AUTH)
                            .codes("unsupported_country_region_territory")
                            .phrases("must be verified", "available for this subscription")
                            .phrases("not include access", "not yet include access")
                            .phrases("does not have access to model")
                            .phrases("don't have access to the model"));

    private static final List<Rule> BALANCE =
            List.of(
                    account(BILLING)
                            .codes("insufficient_quota", "insufficient_user_quota")
                            .codes("insufficient_balance", "exceeded_current_quota_error")
                            .codes("billing_not_active", "billing_disabled", "arrearage")
                            .codes("billing_hard_limit_reached", "payment_required")
                            .codes("usage_limit_reached", "budget_exceeded")
                            .codeParts("perday", "permonth")
                            .phrases("credit balance", "insufficient balance", "payment required")
                            .phrases("insufficient credit", "insufficient credits")
                            .phrases("insufficient funds", "not enough credits", "out of credits")
                            .phrases("any credits", "included credits", "exceeded budget")
                            .phrases("spending limit", "spend limit", "usage limit", "extra usage")
                            .phrases("billing to be enabled", "account is not active")
                            .phrases("account is suspended", "overdue", "limit: 0")
                            .phrases("余额不足", "额度不足", "欠费"),
                    account(BILLING)
                            .on(400, 403, 429)
                            .told(Wait.NONE_OR_LONG)
                            .phrases("per day", "per week", "per month", "/ day", "/ month")
                            .phrases("daily … limit", "weekly … limit", "monthly … limit")
                            .phrases("daily … quota", "weekly … quota", "monthly … quota"),
                    account(BILLING).on(429).told(Wait.LONG));

    private static final List<Rule> LOAD =
            List.of(
                    lane(SERVER).phrases("no healthy upstream"),
                    lane(OVERLOADED)
                            .not(400, 401, 403, 404, 413, 422)
                            .codes("overloaded_error", "engine_overloaded_error")
                            .codes("provider_overloaded", "queue_exceeded")
                            .phrases("overloaded", "too busy", "currently loading")
                            .phrases("over capacity", "at capacity", "capacity exceeded")
                            .phrases("insufficient capacity", "high demand", "high traffic")
                            .phrases("high load", "peak load", "no deployments available")
                            .phrases("no available model provider")
                            .phrases("resource exhausted. please try again later"),
                    OVER_QUOTA,
                    lane(RATE_LIMIT)
                            .codes("rate_limit_exceeded", "rate_limit_error", "rate_limited")
                            .codes("throttlingexception", "throttling_error")
                            .codes("too_many_requests", "too_many_requests_error")
                            .phrases("too many requests", "please wait before trying again"),
                    lane(RATE_LIMIT).on(429));

    private static final List<Rule> WINDOW =
            List.of(
                    request(CONTEXT_OVERFLOW)
                            .codes("context_length_exceeded", "exceed_context_size_error")
                            .phrases("context length", "context window", "context size")
                            .phrases("context limit", "contextwindowexceedederror")
                            .phrases("prompt is too long", "prompt too long", "input is too long")
                            .phrases("too many tokens", "exceeds the maximum number of tokens")
                            .phrases("maximum model length", "model token limit")
                            .phrases("exceeds model limit", "maximum input length")
                            .phrases("tokens + `max_new_tokens` must be")
                            .phrases("prompt contains … tokens … too large for model"));

    private static final List<Rule> ACCESS =
            List.of(
                    instance(AUTH)
                            .codes("invalid_api_key", "api_key_invalid", "authentication_error")
                            .codes("expired_token", "expiredtoken", "expiredtokenexception")
                            .codes("unrecognizedclientexception", "invalidsignatureexception")
                            .phrases("api key not valid", "incorrect api key", "invalid api key")
                            .phrases("invalid api token", "api key … expired", "token has expired"),
                    lane(MODEL_MISSING)
                            .not(401, 403)
                            .codes("model_not_found", "deploymentnotfound", "invalid_model")
                            .codes("model_decommissioned", "model_not_available")
                            .codes("model_not_exist")
                            .phrases("model … not found", "model … does not exist", "no such model")
                            .phrases("invalid model", "not a valid model", "unknown model")
                            .phrases("model identifier is invalid", "model … decommissioned")
                            .phrases("model … no longer available", "no endpoints found")
                            .phrases("model … is no longer supported", "unable to access model")
                            .phrases("could not resolve the foundation model")
                            .phrases("model … on-demand throughput isn't supported")
                            .phrases("model is marked by provider as legacy"),
                    instance(AUTH).on(401, 403));

    private static final List<Rule> STATUSES =
            List.of(
                    account(BILLING).on(402),
                    request(TIMEOUT).on(499),
                    lane(TIMEOUT).on(408, 504, 524),
                    lane(OVERLOADED).on(498, 503, 529),
                    // The path or the method is wrong: nothing says that the request is.
                    lane(UNKNOWN).on(404, 405),
                    lane(SERVER).on(424));

    private static final List<Rule> TABLE =
            Stream.of(VENDORS, REFUSALS, BALANCE, LOAD, WINDOW, ACCESS, STATUSES)
                    .flatMap(List::stream)
                    .toList();

    private static final Rule THEIRS = lane(SERVER);
    private static final Rule OURS = request(BAD_REQUEST);
    private static final Rule UNHEARD_OF = lane(UNKNOWN);

    private Rules() {}

    static Rule first(Failure failure) {
        return TABLE.stream()
                .filter(rule -> rule.holds(failure))
                .findFirst()
                .orElseGet(() -> byClass(failure.status()));
    }

    /** A 2xx that failed is a broken answer: the far side's fault. */
    private static Rule byClass(int status) {
        return switch (status / 100) {
            case 2, 5 -> THEIRS;
            case 4 -> OURS;
            default -> UNHEARD_OF;
        };
    }
}
