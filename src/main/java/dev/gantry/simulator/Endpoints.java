package dev.gantry.simulator;

import dev.gantry.simulator.http.HttpRequest;
import dev.gantry.simulator.http.Reply;
import dev.gantry.simulator.http.ServerConnection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Leads each request to what answers it. */
final class Endpoints {
    private static final String MODELS = "/v1/models/";

    private static final Pattern GENERATE =
            Pattern.compile("/v1(?:beta|alpha)?/models/(.+):(g|streamG)enerateContent");

    private final ScriptStage stage;
    private final Ledger ledger;
    private final InstantSource clock;
    private final ControlDesk desk;

    Endpoints(ScriptStage stage, Ledger ledger, InstantSource clock, ControlDesk desk) {
        this.stage = stage;
        this.ledger = ledger;
        this.clock = clock;
        this.desk = desk;
    }

    /** True if the connection can carry another request. */
    boolean serve(HttpRequest request, ServerConnection connection)
            throws IOException, InterruptedException {
        String path = request.path();
        if (path.startsWith(ControlDesk.PATH)) {
            return desk.serve(request, connection);
        }
        return switch (path) {
            case "/v1/chat/completions" -> model(request, connection, QuestionReader::chat);
            case "/v1/responses" -> model(request, connection, TranslatedReader::responses);
            case "/v1/embeddings" -> model(request, connection, QuestionReader::embedding);
            case "/v1/completions" -> model(request, connection, QuestionReader::completion);
            case "/v1/moderations" -> model(request, connection, QuestionReader::moderation);
            case "/v1/messages" -> model(request, connection, TranslatedReader::messages);
            default -> {
                Matcher generate = GENERATE.matcher(path);
                if (generate.matches()) {
                    String named = URLDecoder.decode(generate.group(1), StandardCharsets.UTF_8);
                    Question.Form form =
                            generate.group(2).equals("g")
                                    ? Question.Form.GENERATE_CONTENT
                                    : Question.Form.GENERATE_CONTENT_STREAM;
                    yield model(
                            request,
                            connection,
                            body -> TranslatedReader.generate(named, form, body));
                }
                connection.write(other(request).bytes());
                yield true;
            }
        };
    }

    private boolean model(HttpRequest request, ServerConnection connection, Reading reading)
            throws IOException, InterruptedException {
        if (!request.method().equals("POST")) {
            connection.write(notAllowed(request).bytes());
            return true;
        }
        RunningScript running = stage.running();
        Reply wrongKey = wrongKey(running, request);
        try {
            Question question = reading.read(request.body());
            if (wrongKey == null) {
                return call(running, question, request, connection);
            }
            return reject(request, connection, question.model(), wrongKey);
        } catch (BadQuestion e) {
            return reject(
                    request,
                    connection,
                    "",
                    wrongKey == null ? e.reply(Protocol.at(request.path())) : wrongKey);
        }
    }

    private boolean call(
            RunningScript running,
            Question question,
            HttpRequest request,
            ServerConnection connection)
            throws InterruptedException {
        Instant started = clock.instant();
        // Before the call is seen to be under way: by then it has what it takes of the limits.
        CallPlan plan =
                running.rule(question.model(), request.apiKey())
                        .next(question, started, connection.age());
        try (var entry =
                new LedgerLine(ledger, clock, request, question.model(), started, plan.grant())) {
            PlannedAnswer answer = PlannedAnswer.to(question, plan, request, started);
            return new ModelCall(connection, plan, answer, entry).act();
        }
    }

    private boolean reject(
            HttpRequest request, ServerConnection connection, String model, Reply reply)
            throws IOException {
        try (var entry = new LedgerLine(ledger, clock, request, model, clock.instant(), null)) {
            entry.free(Call.Disposition.REJECTED, reply.status());
            connection.write(reply.bytes());
            return true;
        }
    }

    private Reply other(HttpRequest request) {
        RunningScript running = stage.running();
        String path = request.path();
        if (ListedModels.isList(path) || path.startsWith(MODELS)) {
            Reply wrongKey = wrongKey(running, request);
            if (!request.method().equals("GET")) {
                return notAllowed(request);
            }
            ListedModels lists = new ListedModels(stage.listed(), running.start());
            return wrongKey != null
                    ? wrongKey
                    : ListedModels.isList(path)
                            ? lists.list(request)
                            : lists.model(path.substring(MODELS.length()));
        }
        String said = "Invalid URL (%s %s)".formatted(request.method(), path);
        return Reply.json(404, ApiError.of(said, null, null));
    }

    private static Reply notAllowed(HttpRequest request) {
        String said = "Not allowed to %s on %s.".formatted(request.method(), request.path());
        return Reply.json(405, ApiError.of(said, null, null));
    }

    /** Null if the key will do. */
    private static @Nullable Reply wrongKey(RunningScript running, HttpRequest request) {
        String key = request.apiKey();
        if (running.accepts(key)) {
            return null;
        }
        String said =
                key == null
                        ? "You didn't provide an API key. You need to provide your API key in an"
                                + " Authorization header using Bearer auth (i.e. Authorization: Bearer"
                                + " YOUR_KEY)."
                        : "Incorrect API key provided: %s. You can find your API key at"
                                        .formatted(LedgerLine.label(key))
                                + " https://platform.openai.com/account/api-keys.";
        return Protocol.at(request.path())
                .error(401, said, null, key == null ? null : "invalid_api_key");
    }

    /** Reads what a request asks. */
    private interface Reading {
        Question read(byte[] body) throws BadQuestion;
    }
}
