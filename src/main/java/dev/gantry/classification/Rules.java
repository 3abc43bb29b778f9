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
            request(CONTEXT_OVERFLOW).phrases("request too large … (tokens per min*|tpm)");

    /** Never shopped around. */
    private static final List<Rule> REFUSALS =
            List.of(
                    request(BAD_REQUEST).phrases("matching your … data policy"),
                    request(CONTENT_POLICY)
                            .not(429)
                            .codes("content_filter", "content_policy", "content_policy_violation")
                            .codes("data_inspection_failed", "datainspectionfailed")
                            .codes("moderation_blocked", "prohibited_content", "blocklist")
                            .codes("responsibleaipolicyviolation", "unsafe_request", "safety")
                            .codeParts("sensitivecontent", "riskdetection", "content_moderation")
                            .codeParts("safety_check")
                            .phrases("content (management|filtering|safety|moderation) policy")
                            .phrases("content (policy|policies)", "contentpolicyviolationerror")
                            .phrases("usage (policy|policies|guidelines)", "violat* … policy")
                            .phrases("(was|been|were) flagged", "requires moderation")
                            .phrases("safety (system|systems|filter*|check*|settings|reasons)")
                            .phrases("content exists risk", "prompt injection")
                            .phrases("(inappropriate|unsafe|harmful|sensitive) (content|words)")
                            .phrases("may contain sensitive information")
                            .phrases("敏感", "不安全", "不合规", "内容审核", "违规内容"));

    /** Nothing will be served until somebody pays: under 400, 401, 402, 403, 412 and 429. */
    private static final List<Rule> BALANCE =
            List.of(
                    instance(BILLING)
                            .codes("budget_exceeded", "billing_disabled")
                            .phrases("(exceeded|exceeds|over) budget", "budget … exceeded")
                            .phrases("key limit exceeded", "billing to be enabled", "令牌额度")
                            .phrases(
                                    "project … (spend|spending) (cap|limit)", "prepayment credits"),
                    lane(BILLING)
                            .codes("setlimitexceeded")
                            .codeParts("freetieronly", "perdayperprojectpermodel")
                            .phrases("extra usage … required", "free tier of the model")
                            .phrases("limit: 0"),
                    account(BILLING)
                            .codes("insufficient_quota", "insufficient_user_quota")
                            .codes("insufficient_balance", "exceeded_current_quota_error")
                            .codes("billing_not_active", "arrearage", "accountoverdueerror")
                            .codes("billing_hard_limit_reached", "payment_required")
                            .codes("usage_limit_reached", "usage_limit_exceeded")
                            .codes("billing_error", "creditserror", "credit_limit")
                            .codes("insufficient_credits", "balance_not_enough")
                            .codeParts("perday", "permonth", "insufficient_fund", "overdue")
                            .phrases("(insufficient|not enough|out of) … (credit*|balance)")
                            .phrases(
                                    "insufficient (funds|quota)",
                                    "balance … (insufficient|too low)")
                            .phrases("credit balance", "any credits", "included credits")
                            .phrases("requires more credits", "credit limit exceeded")
                            .phrases("credit* … (depleted|exhausted|expired|used up)")
                            .phrases("used all … credits", "payment (required|instrument|failed)")
                            .phrases("payment information", "(spending|spend) (limit|cap)")
                            .phrases("hard limit … reached", "api usage limits")
                            .phrases("usage limit (has been reached|reached)")
                            .phrases("account … (not active|suspended)", "in good standing")
                            .phrases("overdue", "past due", "arrears", "unpaid", "prepaid balance")
                            .phrases("top up", "please recharge")
                            .phrases("free (quota|tier|allocation) … (exhausted|used up)")
                            .phrases("(subscription|plan) … (expired|has ended)")
                            .phrases("余额", "额度不足", "额度已用", "欠费", "充值", "套餐已到期"));

    /** Not the key's death: its account, plan or country lacks the model. */
    private static final List<Rule> ENTITLEMENT =
            List.of(
                    lane(AUTH)
                            .codes("unsupported_country_region_territory", "model_terms_required")
                            .codes("key_model_access_denied", "team_model_access_denied")
                            .codes("model.accessdenied", "model_access_denied", "modelnotopen")
                            .codes("model_not_allowed", "model_permission_denied")
                            .phrases("must be verified", "available for this subscription")
                            .phrases("not (include|yet include) access")
                            .phrases("not have (access to|permission) … (model|models)")
                            .phrases("don't have access to … (model|models)")
                            .phrases("not allowed to (access|use|sample) … model")
                            .phrases("model access … denied", "use case details")
                            .phrases("access to (model|the model|this model) … (denied|restricted)")
                            .phrases("not authorized to perform: bedrock")
                            .phrases("not authorized to access … model")
                            .phrases("(location|country|region|territory) … not supported")
                            .phrases("not (supported|available) in (your|this) (country|region)")
                            .phrases("not activated the model", "terms acceptance")
                            .phrases("gated (repo|model)", "permission … on endpoint")
                            .phrases("plan … not (include|support|allow) … model")
                            .phrases("(endpoint|model) is disabled", "无权", "没有权限", "未开通"),
                    account(AUTH)
                            .codes("organization_restricted", "account_deactivated")
                            .codes("account_disabled", "oauth_not_allowed_for_organization")
                            .phrases("not allowed for this organization")
                            .phrases("organization … (disabled|restricted|deactivated|banned)")
                            .phrases("account … (deactivated|disabled|banned|blocked|locked)")
                            .phrases("(账户|账号)已被(锁定|禁用|封禁)"));

    /** A used-up period is the model's quota, unless it is a plan's or a key's. */
    private static final List<Rule> PERIODS =
            List.of(
                    instance(BILLING).period().phrases("trial key … (/ month|per month|per day)"),
                    account(BILLING)
                            .period()
                            .phrases("free-models-per-day", "organization (tpd|rpd)")
                            .phrases("plan … (weekly|monthly|daily)")
                            .phrases("monthly … (quota|limit|tokens|allowance)", "weekly … limit"),
                    lane(BILLING)
                            .period()
                            .phrases("per (day|week|month)", "per-day", "per-month")
                            .phrases("(/day|/ day|/month|/ month)")
                            .phrases("(daily|weekly|monthly) … (limit*|quota*|cap|allowance)")
                            .phrases("(limit*|quota*) … (daily|weekly|monthly|today)")
                            .phrases("*_per_day", "(tpd|rpd)", "(今日|每日|每天|每周|每月)"),
                    lane(BILLING).on(429).told(Wait.LONG));

    private static final List<Rule> LOAD =
            List.of(
                    lane(SERVER)
                            .phrases("no healthy upstream", "upstream connect error")
                            .phrases("enginecore encountered", "engine … (dead|died)")
                            .phrases("background loop has errored"),
                    lane(MODEL_MISSING).phrases("无可用渠道", "no available channel*"),
                    lane(OVERLOADED)
                            .not(400, 401, 403, 404, 413, 422)
                            .codes("overloaded_error", "engine_overloaded_error", "overloaded")
                            .codes("provider_overloaded", "queue_exceeded", "slow_down")
                            .codes("capacity_exceeded", "service_tier_capacity_exceeded")
                            .codes("modelnotreadyexception", "unavailable_error")
                            .phrases("(overloaded|overload)", "too busy", "(server|servers) … busy")
                            .phrases("(currently|still|is) loading", "receiving too many requests")
                            .phrases("(over|at|no|out of|insufficient|limited) capacity")
                            .phrases("capacity … (exceeded|reached|limits|constraints)")
                            .phrases("(high|heavy|peak) (demand|traffic|load)", "not ready")
                            .phrases("pending requests exceeded", "queue … full")
                            .phrases("no deployments available", "no available model provider")
                            .phrases("访问量过大", "繁忙", "过载", "负载过高", "拥挤", "饱和"),
                    lane(OVERLOADED)
                            .codeParts("scaling_up")
                            .phrases("scaled to zero", "scaling up", "warming up"));

    private static final List<Rule> PACE =
            List.of(
                    OVER_QUOTA,
                    request(BAD_REQUEST)
                            .on(429)
                            .phrases("max_tokens … (must be|too large|cannot exceed|invalid)")
                            .phrases("invalid … max_tokens"),
                    request(CONTEXT_OVERFLOW)
                            .on(429)
                            .codes("context_length_exceeded")
                            .phrases("maximum context length", "prompt is too long"),
                    account(RATE_LIMIT)
                            .on(403, 429)
                            .codes("limit_burst_rate")
                            .phrases("account's rate limit", "free-models-per-min")
                            .phrases("concurrent (connections|requests|request limit)")
                            .phrases("organization (concurrency|max rpm|max tpm)"),
                    lane(RATE_LIMIT)
                            .not(401, 404)
                            .codes("rate_limit_exceeded", "rate_limit_error", "rate_limited")
                            .codes("rate_limit_reached_error", "ratelimitreached", "rate_limit")
                            .codes("throttlingexception", "throttling_error", "throttling")
                            .codes("too_many_requests", "too_many_requests_error")
                            .codes("request_limit_exceeded", "token_quota_exceeded")
                            .codeParts("throttling.", "ratelimitexceeded", "_rate_limit_exceeded"),
                    lane(RATE_LIMIT)
                            .not(401, 404, 503, 529)
                            .phrases("too many requests", "please wait before trying again")
                            .phrases("rate exceeded", "ratelimiterror", "throttled"),
                    lane(RATE_LIMIT).on(429));

    /**
     * Input, or input and output, over the window; the output alone over its cap is our mistake.
     */
    private static final List<Rule> WINDOW =
            List.of(
                    request(BAD_REQUEST)
                            .codes("string_above_max_length", "array_above_max_length")
                            .codes("unsupported_parameter", "unknown_parameter")
                            .codes("unsupported_value", "tool_use_failed", "extra_forbidden"),
                    request(CONTEXT_OVERFLOW)
                            .codes("context_length_exceeded", "exceed_context_size_error")
                            .codes("context_window_exceeded", "model_max_prompt_tokens_exceeded")
                            .codes("tokens_too_long", "characters_too_long", "prompt_too_long")
                            .codes("tokens_limit_reached")
                            .phrases("context (length|window|size|limit)", "maximum context")
                            .phrases("contextwindowexceedederror", "maximum model length")
                            .phrases("(prompt|input|conversation) (is|was) too long")
                            .phrases("(prompt|input|tokens|messages) too long")
                            .phrases("tokens + `max_new_tokens` must be", "too large for … model")
                            .phrases("n_ctx")
                            .phrases("上下文长度", "超长", "输入过长", "(超出|超过)最大长度"),
                    request(BAD_REQUEST)
                            .phrases("(completion|output) tokens", "maximum tokens you requested")
                            .phrases("max_tokens … (cannot exceed|must be|range)"),
                    request(CONTEXT_OVERFLOW)
                            .phrases("too many (tokens|input tokens|prompt tokens)")
                            .phrases("(maximum|max) (prompt|input|sequence|token) length")
                            .phrases("(input|prompt) (length|tokens|token count) … exceed*")
                            .phrases("(token count|tokens) … (exceed*|longer than|up to)")
                            .phrases("exceed* … (maximum|max) … tokens", "exceed* … input length")
                            .phrases("exceed* … (token|tokens|model) limit", "model token limit")
                            .phrases("range of input length", "must have less than … tokens")
                            .phrases("reduce the length of the (messages|prompt|input)")
                            .phrases("reduce your prompt"));

    private static final List<Rule> ACCESS =
            List.of(
                    instance(AUTH)
                            .codes("invalid_api_key", "api_key_invalid", "authentication_error")
                            .codes("expired_token", "expiredtoken", "expiredtokenexception")
                            .codes("unrecognizedclientexception", "invalidsignatureexception")
                            .codes("invalid_authentication_error", "incorrect_api_key_error")
                            .codes("authenticationerror", "invalidapikey", "unauthenticated")
                            .phrases("(incorrect|invalid|missing|wrong|no) (api key|x-api-key)")
                            .phrases("(invalid|expired|missing) (api|access|bearer) token")
                            .phrases("api key … (not valid|is invalid|expired|not found|missing)")
                            .phrases("(invalid|no) (auth|authentication) credentials")
                            .phrases("token … expired"),
                    lane(UNKNOWN).on(404).phrases("invalid url"),
                    lane(MODEL_MISSING)
                            .not(401, 403, 502, 503, 504, 529)
                            .codes("model_not_found", "deploymentnotfound", "invalid_model")
                            .codes("model_decommissioned", "model_deprecated", "model_not_exist")
                            .codes("model_not_available", "unavailable_model", "unknown_model")
                            .codes("model_not_supported", "unsupported_model")
                            .codes("operationnotsupported", "endpoint_not_found")
                            .codeParts("invalidendpoint", "modelnotfound")
                            .phrases("(model|deployment) … (not found|does not exist)")
                            .phrases("model (not exist|not supported|unavailable|not available)")
                            .phrases("model … (is not supported by|no longer supported)")
                            .phrases("model … (no longer available|deprecated|decommissioned)")
                            .phrases("model … (shut down|retired|discontinued|end of its life)")
                            .phrases("no (model|models) loaded", "model … not loaded")
                            .phrases("version does not exist")
                            .phrases("(no such|invalid|unknown|unavailable|unsupported) model")
                            .phrases("not a (valid|chat) model", "model identifier is invalid")
                            .phrases("no endpoints found", "no allowed providers")
                            .phrases("unable to access … model", "not work with … model")
                            .phrases("could not resolve the foundation model")
                            .phrases("model … on-demand throughput", "marked … as legacy")
                            .phrases("模型不存在", "模型已下线", "不支持该模型"),
                    // It names what it misses; a path that is wrong names nothing.
                    lane(MODEL_MISSING).on(404, 410).phrases("(model|models|deployment)"),
                    instance(AUTH).on(401, 403));

    private static final List<Rule> STATUSES =
            List.of(
                    account(BILLING).on(402),
                    request(TIMEOUT).on(499),
                    lane(TIMEOUT).on(408, 504, 524),
                    lane(OVERLOADED).on(498, 503, 529),
                    // The path or the method is wrong: nothing says that the request is.
                    lane(UNKNOWN).on(404, 405, 410),
                    lane(SERVER).on(424),
                    lane(TIMEOUT)
                            .not(400, 422)
                            .codes("timeout_error", "deadline_exceeded", "modeltimeoutexception"),
                    // An error inside a success has only its own name to go by.
                    request(BAD_REQUEST)
                            .on(200)
                            .codes("invalid_request_error", "invalid_argument", "badrequesterror")
                            .codes("validationexception", "bad_request"),
                    instance(AUTH).on(200).codes("permission_error", "permission_denied"),
                    lane(RATE_LIMIT).on(200).codes("resource_exhausted"),
                    lane(OVERLOADED).on(200).codes("unavailable", "service_unavailable"));

    private static final List<Rule> TABLE =
            Stream.of(
                            VendorRules.ALL,
                            REFUSALS,
                            BALANCE,
                            ENTITLEMENT,
                            PERIODS,
                            LOAD,
                            PACE,
                            WINDOW,
                            ACCESS,
                            STATUSES)
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
