package dev.gantry.simulator;

import dev.gantry.simulator.http.HttpRequest;
import dev.gantry.simulator.http.Reply;
import dev.gantry.simulator.quota.Grant;
import dev.gantry.simulator.quota.LimitHeading;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.ProviderStyle;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that a provider could send for one call; the same call gives the same answer. */
record PlannedAnswer(Question question, CallPlan plan, RefusalReply refusals, Instant started) {
    private static final String STREAM = "text/event-stream; charset=utf-8";
    private static final String JSON = "application/json";

    static PlannedAnswer to(
            Question question, CallPlan plan, HttpRequest request, Instant started) {
        String label = LedgerLine.label(request.apiKey());
        RefusalReply refusals =
                new RefusalReply(
                        question.model(),
                        label == null ? "" : label,
                        "req_" + hex(plan.mark()) + hex(question.fingerprint()),
                        RefusalReply.Numbers.of(plan.grant()),
                        started);
        return new PlannedAnswer(question, plan, refusals, started);
    }

    private static String hex(long value) {
        return "%016x".formatted(value);
    }

    BilledTokens tokens() {
        return question.tokens(plan.shape());
    }

    boolean streams() {
        return question.form().streams();
    }

    Reply whole() {
        return reply(streams() ? String.join("", events()) : good().whole());
    }

    /** Complete by its length, but it stops in the middle of the JSON. */
    Reply truncated() {
        String body = whole().body();
        return reply(body.substring(0, body.length() / 2));
    }

    Reply blank() {
        return reply("");
    }

    List<String> events() {
        return switch (good()) {
            case CompletionAnswer completion -> completion.events();
            case ResponseAnswer response -> response.events();
            case TranslatedAnswer translated -> new TranslatedEvents(translated).all();
            default -> chat().events(question.form());
        };
    }

    /** An answer with status 200 reaches a streaming client as an event. */
    Reply refusal(Fault.Refuse refuse) {
        Reply reply = limited(refusals.of(refuse, protocol()), refuse.style());
        if (reply.status() != 200 || !streams()) {
            return reply;
        }
        return reply(
                protocol() == Protocol.ANTHROPIC
                        ? TranslatedEvents.named("error", reply.body())
                        : ChatAnswer.data(reply.body()));
    }

    /** Null: the model lacks nothing that the request asks for. */
    @Nullable Reply refusal(Fault.RefuseMembers lacks) {
        for (String member : question.members()) {
            String instead = lacks.members().get(member);
            if (instead != null) {
                return unsupported(member, instead).reply(protocol());
            }
        }
        Integer limit = question.maxTokens();
        return limit == null || limit <= lacks.ceiling()
                ? null
                : new BadQuestion(
                                "max_tokens is too large: %d. This model supports at most %d completion tokens, whereas you provided %d."
                                        .formatted(limit, lacks.ceiling(), limit),
                                "max_tokens",
                                "invalid_value")
                        .reply(protocol());
    }

    private static BadQuestion unsupported(String member, String instead) {
        return new BadQuestion(
                "Unsupported parameter: '%s' is not supported with this model.%s"
                        .formatted(
                                member,
                                instead.isEmpty() ? "" : " Use '%s' instead.".formatted(instead)),
                member,
                "unsupported_parameter");
    }

    /** The whole answer up to its text, for a text that is written apart. */
    String beforeText() {
        if (!streams()) {
            return good().beforeText();
        }
        return switch (good()) {
            case CompletionAnswer completion -> completion.beforeEventText();
            case ResponseAnswer response -> response.beforeEventText();
            case TranslatedAnswer translated -> new TranslatedEvents(translated).beforeText();
            default -> chat().beforeEventText();
        };
    }

    String afterText() {
        if (!streams()) {
            return good().afterText();
        }
        return switch (good()) {
            case CompletionAnswer _ -> CompletionAnswer.afterEventText();
            case ResponseAnswer response -> response.afterEventText();
            case TranslatedAnswer translated -> new TranslatedEvents(translated).afterText();
            default -> ChatAnswer.afterEventText();
        };
    }

    private Protocol protocol() {
        return question.form().protocol();
    }

    private GoodAnswer good() {
        return switch (question.form()) {
            case CHAT, CHAT_STREAM, CHAT_STREAM_WITH_USAGE -> chat();
            case RESPONSE, RESPONSE_STREAM -> new ResponseAnswer(chat());
            case MESSAGES, MESSAGES_STREAM, GENERATE_CONTENT, GENERATE_CONTENT_STREAM ->
                    new TranslatedAnswer(chat(), protocol());
            case EMBEDDING, EMBEDDING_BASE64 -> new EmbeddingAnswer(question, model(), tokens());
            case COMPLETION, COMPLETION_STREAM, COMPLETION_STREAM_WITH_USAGE ->
                    new CompletionAnswer(
                            "cmpl-" + hex(plan.mark()),
                            started.getEpochSecond(),
                            model(),
                            tokens(),
                            question.limited(plan.shape()),
                            question);
            case MODERATION -> new ModerationAnswer("modr-" + hex(plan.mark()), model(), question);
        };
    }

    private ChatAnswer chat() {
        return new ChatAnswer(
                hex(plan.mark()),
                started.getEpochSecond(),
                model(),
                tokens(),
                question.limited(plan.shape()),
                question.fingerprint());
    }

    private String model() {
        return question.model() + plan.shape().modelSuffix();
    }

    private Reply reply(String body) {
        return new Reply(200, headers(), body);
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", streams() ? STREAM : JSON);
        switch (protocol()) {
            case OPENAI -> {
                headers.put("x-request-id", refusals.requestId());
                headers.put("openai-version", "2020-10-01");
                headers.put("openai-processing-ms", Long.toString(plan.takes().toMillis()));
            }
            case ANTHROPIC -> headers.put("request-id", refusals.requestId());
            case GEMINI -> {}
        }
        addLimits(headers, ProviderStyle.OPENAI);
        return headers;
    }

    private Reply limited(Reply reply, ProviderStyle style) {
        Map<String, String> headers = new LinkedHashMap<>(reply.headers());
        addLimits(headers, style);
        return new Reply(reply.status(), headers, reply.body());
    }

    private void addLimits(Map<String, String> headers, ProviderStyle style) {
        Grant grant = plan.grant();
        if (grant != null) {
            ProviderStyle own = style == ProviderStyle.OPENAI ? grant.limit().style() : style;
            headers.putAll(LimitHeading.of(grant, protocol().style(own), started));
        }
    }
}
