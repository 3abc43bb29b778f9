package dev.gantry.classification;

import static dev.gantry.classification.Rule.account;
import static dev.gantry.classification.Rule.instance;
import static dev.gantry.classification.Rule.lane;
import static dev.gantry.classification.Rule.request;
import static dev.gantry.inference.ErrorKind.BAD_REQUEST;
import static dev.gantry.inference.ErrorKind.CONTEXT_OVERFLOW;
import static dev.gantry.inference.ErrorKind.MODEL_MISSING;
import static dev.gantry.inference.ErrorKind.OVERLOADED;
import static dev.gantry.inference.ErrorKind.RATE_LIMIT;
import static dev.gantry.inference.ErrorKind.SERVER;

import dev.gantry.classification.Rule.Wait;

import java.util.List;

/** The part of the table that says what was too much: for the far side, per minute, per request. */
final class LimitRules {
    /** One request larger than a lane's quota per minute: waiting never helps, another lane may. */
    static final Rule OVER_QUOTA =
            request(CONTEXT_OVERFLOW)
                    .codes(OverQuota.CODE)
                    .phrases("request too large … (tokens per min*|tpm)");

    static final List<Rule> LOAD =
            List.of(
                    lane(OVERLOADED).codes(ErrorBody.QUEUED),
                    // Whatever the status: the request is none the worse for it.
                    lane(SERVER)
                            .not(401, 403, 404)
                            .phrases("(failed|unable) to load … model", "error loading model")
                            .phrases("model … (crashed|unloaded)", "model loading was stopped")
                            .phrases("(insufficient|not enough) (system resources|memory|vram)")
                            .phrases("requires more system memory", "out of (memory|vram)")
                            .phrases("(cuda|cublas|rocm|vulkan|metal|nccl) error")
                            .phrases("(runner|worker|engine) process", "segmentation fault")
                            .phrases("exit code:", "channel error"),
                    lane(SERVER)
                            .on(400, 422)
                            .codes("server_error", "internal_server_error", "internal_error")
                            .codes("upstream_error")
                            .phrases("(server|engine|service|backend) … overloaded")
                            .phrases("model is (overloaded|currently loading|loading)")
                            .phrases("(server|system) is busy", "internal server error"),
                    lane(SERVER)
                            .phrases("no healthy upstream", "upstream connect error")
                            .phrases("enginecore encountered", "engine … (dead|died)")
                            .phrases("background loop has errored"),
                    lane(MODEL_MISSING).phrases("无可用渠道", "no available channel*"),
                    lane(OVERLOADED)
                            .codes("overloaded_error", "engine_overloaded_error", "overloaded")
                            .codes("provider_overloaded", "queue_exceeded", "slow_down")
                            .codes("capacity_exceeded", "service_tier_capacity_exceeded")
                            .codes("modelnotreadyexception", "unavailable_error")
                            .codeParts("serveroverload", "server_overload", "is_overloaded")
                            .codeParts("model_capacity_exhausted", "modeloverload")
                            .codeParts("modelloading", "model_loading", "serverlimitexceeded"),
                    lane(OVERLOADED)
                            .not(400, 401, 403, 404, 413, 422)
                            .phrases("(overloaded|overload)", "busy")
                            .phrases("(currently|still|is) loading", "receiving too many requests")
                            .phrases("(over|at|no|out of|insufficient|limited) capacity")
                            .phrases("out of … capacity")
                            .phrases("capacity … (exceeded|reached|limits|constraints)")
                            .phrases("(high|heavy|peak) (demand|traffic|load)", "not ready")
                            .phrases("pending requests exceeded", "queue … full")
                            .phrases("no deployments available", "no available model provider")
                            .phrases("访问量过大", "繁忙", "过载", "负载过高", "拥挤", "饱和"),
                    lane(OVERLOADED)
                            .codeParts("scaling_up")
                            .phrases("scaled to zero", "scaling up", "warming up"));

    static final List<Rule> PACE =
            List.of(
                    OVER_QUOTA,
                    // Above a ceiling that no wait will raise; the clamp, not the clock, mends it.
                    request(BAD_REQUEST)
                            .on(429)
                            .phrases(
                                    "(max_tokens|max_completion_tokens|max_output_tokens|max_new_tokens) … (must be|too large|cannot exceed|invalid|exceed*|above|greater|larger|higher|ceiling|maximum allowed|>)")
                            .phrases("invalid … (max_tokens|max_completion_tokens)"),
                    request(CONTEXT_OVERFLOW)
                            .on(429)
                            .codes("context_length_exceeded", "context_overflow")
                            .codes("prompt_tokens_exceeded")
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
                    lane(RATE_LIMIT)
                            .on(403, 429)
                            .codes("resource_exhausted")
                            .phrases("per min*", "per second", "(rpm|tpm|qps|rps)")
                            .phrases("(rate|requests|tokens|concurrency) limit"));

    /** A refusal for now: who says when to come back has nothing against the key. */
    static final List<Rule> PLAIN_PACE =
            List.of(
                    instance(RATE_LIMIT)
                            .on(403)
                            .told(Wait.SHORT)
                            .phrases("call volume quota", "quota"),
                    lane(RATE_LIMIT).on(403).told(Wait.SHORT),
                    lane(RATE_LIMIT).on(429));

    /** What names a member is no matter of length, whatever its words say. */
    static final List<Rule> MEMBERS =
            List.of(
                    request(BAD_REQUEST)
                            .codes("string_above_max_length", "array_above_max_length")
                            .codes("unsupported_parameter", "unknown_parameter")
                            .codes("unsupported_value", "tool_use_failed", "extra_forbidden"));

    /**
     * Input, or input and output, over the window; the output alone over its cap is our mistake.
     */
    static final List<Rule> WINDOW =
            List.of(
                    request(CONTEXT_OVERFLOW)
                            .codes("context_length_exceeded", "exceed_context_size_error")
                            .codes("context_window_exceeded", "model_max_prompt_tokens_exceeded")
                            .codes("tokens_too_long", "characters_too_long", "prompt_too_long")
                            .codes("tokens_limit_reached", "max_tokens_per_request")
                            .codes("context_overflow", "prompt_tokens_exceeded")
                            .codes("session_ctx_exceeded", "max-session-ctx")
                            .codes("context_exceeded", "context_too_long", "input_too_long")
                            .phrases("prompt contains … input tokens", "context exceeded")
                            .phrases("(input|prompt) … too large to process")
                            .phrases("context (length|window|size|limit)", "maximum context")
                            .phrases("contextwindowexceedederror", "maximum model length")
                            .phrases("(prompt|input|conversation) (is|was) too long")
                            .phrases("(prompt|input|tokens|messages) too long")
                            .phrases("too many (tokens|input tokens|prompt tokens)")
                            .phrases("tokens + max_new_tokens must be")
                            .phrases("(prompt|tokens|input) … too large for … model")
                            .phrases("(prompt|input|tokens) … (+|plus) … *max_*")
                            .phrases("n_ctx")
                            .phrases("上下文长度", "超长", "输入过长", "(超出|超过)最大长度"),
                    request(BAD_REQUEST)
                            .phrases("(completion|output) tokens", "maximum tokens you requested")
                            .phrases("(max_tokens|max_new_tokens|max_completion_tokens)")
                            .phrases("(max_output_tokens|max_tokens_to_sample|maxoutputtokens)"),
                    request(CONTEXT_OVERFLOW)
                            .on(400, 413, 422)
                            .phrases("(maximum|max|up to|at most|limit*|allowed) … (token|tokens)")
                            .phrases("tokens … (maximum|max|at most|limit*|allowed)"),
                    request(CONTEXT_OVERFLOW)
                            .phrases("(maximum|max) (prompt|input|sequence|token) length")
                            .phrases("(input|prompt) (length|tokens|token count) … exceed*")
                            .phrases("(token count|tokens) … (exceed*|longer than|up to)")
                            .phrases("exceed* … (maximum|max) … tokens", "exceed* … input length")
                            .phrases("exceed* … (token|tokens|model) limit", "model token limit")
                            .phrases("range of input length", "must have less than … tokens")
                            .phrases("reduce the length of the (messages|prompt|input)")
                            .phrases("reduce your prompt"));

    /** What a gateway says of its upstream under the status of a bad request, if nothing else. */
    static final List<Rule> RELAYED =
            List.of(
                    request(BAD_REQUEST)
                            .on(400, 422)
                            .phrases("failed to deserialize", "unknown variant")
                            .phrases("upstream … (invalid_request_error|validation error)"),
                    lane(SERVER)
                            .on(400, 422)
                            .phrases("upstream (request|server|provider) … (failed|error)"));

    private LimitRules() {}
}
