package dev.gantry.discovery;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Dialect;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cut;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Asks an instance for its models: {@code GET {base-url}/models}, or as old Ollamas have it. */
final class ModelPoll {
    /** Above what any provider has; beyond it a list is a mistake or an attack. */
    static final int MOST_MODELS = 1_000;

    private static final int MOST_PAGES = 10;
    private static final String ODD =
            "names that are not 1 to 200 printable characters without spaces, or auto";
    private static final String TOO_MANY =
            "what is beyond " + MOST_MODELS + " models, by name; an instance's models picks some";

    private final Source source;

    /** Reads one answer of an endpoint. */
    @FunctionalInterface
    interface Source {
        /**
         * Reads the whole answer.
         *
         * @param target path and query
         */
        ProviderReply get(Endpoint endpoint, String target);
    }

    ModelPoll(Source source) {
        this.source = source;
    }

    PollResult of(Endpoint endpoint) {
        ProviderReply first = ask(endpoint, models(endpoint, null));
        boolean absent =
                endpoint.dialect() == Dialect.OPENAI
                        && first instanceof Answered(Answer answer, _)
                        && (answer.status() == 404 || answer.status() == 405);
        return absent
                ? pages(endpoint, ask(endpoint, tags(endpoint.baseUrl())), first)
                : pages(endpoint, first, first);
    }

    /** Once more where a connection that was kept alive has been closed: that says nothing. */
    private ProviderReply ask(Endpoint endpoint, String target) {
        ProviderReply reply = source.get(endpoint, target);
        return reply instanceof Cut cut && cut.reused() && !cut.answerBegun()
                ? source.get(endpoint, target)
                : reply;
    }

    /**
     * @param otherwise what to say where the first page is no answer
     */
    private PollResult pages(Endpoint endpoint, ProviderReply firstPage, ProviderReply otherwise) {
        Map<String, ListedModel> models = new TreeMap<>();
        int odd = 0;
        ProviderReply reply = firstPage;
        for (int page = 1; page <= MOST_PAGES; page++) {
            if (!(reply instanceof Answered(Answer answer, _)) || answer.status() != 200) {
                return new PollResult.Failed(trouble(page == 1 ? otherwise : reply));
            }
            switch (ListReading.of(endpoint.dialect(), answer.body().bytes())) {
                case ListReading.Unreadable(String why) -> {
                    return new PollResult.Failed(why);
                }
                case ListReading.Page(var listed, int unusable, var next) -> {
                    listed.forEach(each -> models.putIfAbsent(each.id(), each));
                    odd += unusable;
                    if (next == null || models.size() > MOST_MODELS) {
                        return listed(models, odd);
                    }
                    reply = ask(endpoint, models(endpoint, next));
                }
            }
        }
        return listed(models, odd);
    }

    private static PollResult listed(Map<String, ListedModel> models, int odd) {
        List<String> leftOut = new ArrayList<>();
        if (odd > 0) {
            leftOut.add(ODD);
        }
        if (models.size() > MOST_MODELS) {
            leftOut.add(TOO_MANY);
        }
        return new PollResult.Listed(models.values().stream().limit(MOST_MODELS).toList(), leftOut);
    }

    private static String models(Endpoint endpoint, @Nullable String next) {
        String size =
                switch (endpoint.dialect()) {
                    case OPENAI -> null;
                    case ANTHROPIC -> "limit=1000";
                    case GEMINI -> "pageSize=1000";
                };
        String query =
                Stream.of(endpoint.baseUrl().getRawQuery(), size, next)
                        .filter(Objects::nonNull)
                        .collect(Collectors.joining("&"));
        return path(endpoint.baseUrl()) + "/models" + (query.isEmpty() ? "" : "?" + query);
    }

    /** Beside the OpenAI-compatible part. */
    private static String tags(URI base) {
        return path(base).replaceFirst("/v1$", "") + "/api/tags";
    }

    private static String path(URI base) {
        return Objects.requireNonNullElse(base.getRawPath(), "").replaceAll("/+$", "");
    }

    private static String trouble(ProviderReply reply) {
        return switch (reply) {
            case Answered(Answer answer, _) -> "status " + answer.status();
            case ProviderReply.Unreachable(_, String message) -> message;
            case Cut(_, _, _, String message) -> message;
            case ProviderReply.TimedOut(var after, _) ->
                    "no answer within " + after.toSeconds() + " s";
            case ProviderReply.TooLarge(_, long limit) -> "a list of more than " + limit + " bytes";
            case ProviderReply.Undecodable(_, String coding) -> "content coding " + coding;
            case ProviderReply.Untranslatable(_, String why) -> why;
            case ProviderReply.Stalled _ -> "the answer fell silent";
            case ProviderReply.Cancelled _ -> "given up";
        };
    }
}
