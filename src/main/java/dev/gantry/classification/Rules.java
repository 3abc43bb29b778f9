package dev.gantry.classification;

import static dev.gantry.classification.Rule.account;
import static dev.gantry.classification.Rule.instance;
import static dev.gantry.classification.Rule.lane;
import static dev.gantry.classification.Rule.request;
import static dev.gantry.inference.ErrorKind.AUTH;
import static dev.gantry.inference.ErrorKind.BAD_REQUEST;
import static dev.gantry.inference.ErrorKind.CONTENT_POLICY;
import static dev.gantry.inference.ErrorKind.MODEL_MISSING;
import static dev.gantry.inference.ErrorKind.OVERLOADED;
import static dev.gantry.inference.ErrorKind.SERVER;
import static dev.gantry.inference.ErrorKind.TIMEOUT;
import static dev.gantry.inference.ErrorKind.UNKNOWN;

import java.util.List;
import java.util.stream.Stream;

/**
 * The table of failures; the first row that holds wins. Its order is not that of {@code ErrorKind}:
 * a cause is looked for where it disguises itself (an empty balance as 429, an overflow as 400)
 * before the status may speak.
 */
final class Rules {
    /** Never shopped around. */
    private static final List<Rule> REFUSALS =
            List.of(
                    request(BAD_REQUEST).phrases("matching your … data policy"),
                    // Its owner was refused, not this prompt.
                    account(AUTH)
                            .phrases(
                                    "(account|organization|project|resource) … (disabled|banned|blocked|suspended|deactivated) … polic*"),
                    request(CONTENT_POLICY)
                            .not(401, 402, 429)
                            .codes("content_filter", "content_policy", "content_policy_violation")
                            .codes("data_inspection_failed", "datainspectionfailed")
                            .codes("moderation_blocked", "prohibited_content", "blocklist")
                            .codes(
                                    "responsibleaipolicyviolation",
                                    "unsafe_request",
                                    "safety",
                                    "refusal")
                            .codeParts("sensitivecontent", "riskdetection", "content_moderation")
                            .codeParts("safety_check", "censor", "cyber_policy", "jailbreak")
                            .codeParts("illegaldetected")
                            .phrases("jailbreak (attempt|detected)")
                            .phrases("content (management|filtering|safety|moderation) policy")
                            .phrases("content (policy|policies)", "contentpolicyviolationerror")
                            .phrases("usage (policy|policies|guidelines)", "violat* … policy")
                            .phrases("(was|been|were) flagged", "flagged (by|for|as)")
                            .phrases("requires moderation", "content filter*")
                            .phrases("(blocked|rejected) by … (moderation|guardrail*)")
                            .phrases("safety (system|systems|filter*|check*|settings|reasons)")
                            .phrases("content exists risk", "prompt injection")
                            .phrases("(inappropriate|unsafe|harmful|sensitive) (content|words)")
                            .phrases("may contain sensitive information")
                            .phrases("content … (is|was|been) blocked")
                            .phrases("敏感", "不安全", "不合规", "内容审核", "违规内容", "审核不通过"));

    /** Not the key's death: its account, plan or country lacks the model. */
    private static final List<Rule> ENTITLEMENT =
            List.of(
                    // Not to be told apart by anybody without access; given up on like the missing.
                    lane(MODEL_MISSING)
                            .not(401, 403)
                            .phrases("(does not exist|not found) or … (access|permission)"),
                    lane(AUTH).on(451),
                    lane(AUTH)
                            .codes("unsupported_country_region_territory", "model_terms_required")
                            .codes("modelnotopen", "model_not_allowed", "no_access")
                            .codes("usage_not_included", "model_not_in_plan")
                            .phrases("model requires … (plan|subscription)")
                            .phrases("no access to (model|models)")
                            .codeParts("model_access", "model.access", "model_permission")
                            .phrases("must be verified", "available for this subscription")
                            .phrases("not (include|yet include) access")
                            .phrases("not have (access to|permission) … (model|models)")
                            .phrases("don't have access to … (model|models)")
                            .phrases("(organization|team|workspace) … not have access to")
                            .phrases("not (allowed|permitted) to (access|use|sample) … model")
                            .phrases("access to … (model|models) … not (allowed|permitted|enabled)")
                            .phrases("model access … denied", "use case details")
                            .phrases("access to (model|the model|this model) … (denied|restricted)")
                            .phrases("not authorized to perform: bedrock")
                            .phrases("not authorized to access … model")
                            .phrases("not have access to the requested resource")
                            .phrases("(location|country|region|territory) … not supported")
                            .phrases("not (supported|available) in (your|this) (country|region)")
                            .phrases("not activated the model", "terms acceptance")
                            .phrases("gated (repo|model)", "permission … on endpoint")
                            .phrases("plan … not (include|support|allow) … model")
                            .phrases("(endpoint|model) is disabled", "无权", "没有权限", "未开通"),
                    account(AUTH)
                            .codes("organization_restricted", "account_deactivated")
                            .codes("account_disabled", "oauth_not_allowed_for_organization")
                            .codes("invalidaccountstatus")
                            .phrases("not allowed for this organization")
                            .phrases("account is not (authorized|allowed|permitted)")
                            .phrases("organization … (is|been|was) (disabled|restricted|banned)")
                            .phrases("account … (is|been|was) (disabled|blocked|banned|locked)")
                            .phrases("(account|organization) … deactivated")
                            .phrases("(账户|账号)已被(锁定|禁用|封禁)"));

    private static final List<Rule> ACCESS =
            List.of(
                    instance(AUTH)
                            .codes("invalid_api_key", "api_key_invalid", "authentication_error")
                            .codes("expired_token", "expiredtoken", "expiredtokenexception")
                            .codes("invalid_grant", "invalid_token", "invalid_client")
                            .codes("token_expired", "unauthorized_client")
                            .codes("unrecognizedclientexception", "invalidsignatureexception")
                            .codes("invalid_authentication_error", "incorrect_api_key_error")
                            .codes("authenticationerror", "invalidapikey", "unauthenticated")
                            .codes("accessdenied", "authfailure", "unauthorizedoperation")
                            .codes("consumer_invalid", "consumer_suspended", "service_disabled")
                            .codeParts("authfailure.", "api_key_")
                            .phrases("(incorrect|invalid|missing|wrong|no) (api key|x-api-key)")
                            .phrases("(invalid|expired|missing) (api|access|bearer) token")
                            .phrases("api key … (not valid|is invalid|expired|not found|missing)")
                            .phrases("(invalid|no) (auth|authentication) credentials")
                            .phrases("token … expired"),
                    lane(UNKNOWN).on(404).phrases("invalid url"),
                    // The lane does not have this operation; for others it is as good as ever.
                    request(MODEL_MISSING)
                            .on(400, 404)
                            .phrases("not supported in the v1/*", "only supported in v1/*"),
                    lane(MODEL_MISSING)
                            .not(401, 403, 502, 503, 504, 529)
                            .codes("model_not_found", "deploymentnotfound", "invalid_model")
                            .codes("model_decommissioned", "model_deprecated", "model_not_exist")
                            .codes("model_not_available", "unavailable_model", "unknown_model")
                            .codes("model_not_supported", "unsupported_model")
                            .codes("invalidmodel", "endpointisnotenabled")
                            .phrases("aws marketplace")
                            .codes("operationnotsupported", "endpoint_not_found")
                            .codes("resourcenotfoundexception")
                            .codeParts("invalidendpoint", "modelnotfound")
                            .phrases("(model|deployment) … (not found|does not exist)")
                            .phrases("model (not exist|not supported|unavailable|not available)")
                            .phrases("model … (is not supported by|no longer supported)")
                            .phrases("model … (no longer available|deprecated|decommissioned)")
                            .phrases("model … (shut down|retired|discontinued|end of its life)")
                            .phrases("no (model|models) loaded", "model … not loaded")
                            .phrases("version does not exist", "model names are")
                            .phrases("(supported|available|valid) models (are|include)")
                            .phrases("(no such|invalid|unknown|unavailable|unsupported) model")
                            .phrases("not a (valid|chat) model", "model identifier is invalid")
                            .phrases("modelid failed to satisfy")
                            .phrases("(doesn't|does not) support the model")
                            .phrases("endpoint … of account … not found")
                            .phrases("no endpoints found", "no allowed providers")
                            .phrases("unable to access … model", "not work with … model")
                            .phrases("could not resolve the foundation model")
                            .phrases("model … on-demand throughput", "marked … as legacy")
                            .phrases("模型不存在", "模型已下线", "不支持该模型"),
                    // It names what it misses; a path that is wrong names nothing.
                    lane(MODEL_MISSING).on(404, 410).phrases("(model|models|deployment)"),
                    // Whom a model or a plan is refused may still use the key elsewhere.
                    lane(AUTH).on(403).phrases("(the|this|your|current) (model|plan|subscription)"),
                    instance(AUTH).on(401, 403));

    /** A firewall's page: of the prompt, or of the address that it came from; of no key. */
    private static final List<Rule> PAGES = List.of(lane(UNKNOWN).on(403).page());

    private static final List<Rule> STATUSES =
            List.of(
                    request(TIMEOUT).on(499),
                    lane(TIMEOUT).on(408, 504, 524),
                    lane(OVERLOADED).on(498, 503, 529),
                    // The path or the method is wrong: nothing says that the request is.
                    lane(UNKNOWN).on(404, 405, 410),
                    lane(SERVER).on(424),
                    lane(TIMEOUT).not(400, 422).codeParts("timeout", "deadline_exceeded"));

    /** It is the member that the model no longer takes, not the model that is gone. */
    private static final List<Rule> MEMBERS =
            List.of(
                    request(BAD_REQUEST)
                            .on(400, 422)
                            .phrases("(temperature|top_p|top_k)(`|'|\"|) is deprecated"));

    private static final List<Rule> TABLE =
            Stream.of(
                            Rule.named("page", PAGES),
                            Rule.named("vendor", VendorRules.ALL),
                            Rule.named("refusal", REFUSALS),
                            Rule.named("balance", MoneyRules.BALANCE),
                            Rule.named("entitlement", ENTITLEMENT),
                            Rule.named("period", MoneyRules.PERIODS),
                            Rule.named("load", LimitRules.LOAD),
                            Rule.named("pace", LimitRules.PACE),
                            Rule.named("quota", MoneyRules.QUOTA),
                            Rule.named("pace", LimitRules.PLAIN_PACE),
                            Rule.named("member", LimitRules.MEMBERS),
                            Rule.named("context window", LimitRules.WINDOW),
                            Rule.named("member", MEMBERS),
                            Rule.named("access", ACCESS),
                            Rule.named("relayed", LimitRules.RELAYED),
                            Rule.named("status", STATUSES))
                    .flatMap(rows -> rows)
                    .toList();

    /** A 2xx that failed is a broken answer: the far side's fault. */
    private static final Rule THEIRS = last(lane(SERVER));

    private static final Rule OURS = last(request(BAD_REQUEST));
    private static final Rule UNHEARD_OF = last(lane(UNKNOWN));

    private Rules() {}

    static Rule first(Failure failure) {
        for (Rule rule : TABLE) {
            if (rule.holds(failure)) {
                return rule;
            }
        }
        return byClass(failure.status());
    }

    private static Rule last(Rule row) {
        return Rule.named("status class", List.of(row)).findFirst().orElseThrow();
    }

    private static Rule byClass(int status) {
        return switch (status / 100) {
            case 2, 5 -> THEIRS;
            case 4 -> OURS;
            default -> UNHEARD_OF;
        };
    }
}
