package dev.gantry.simulator;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import java.util.ArrayList;
import java.util.List;

/** Reads the few members of a request body that matter here, and steps over the rest. */
final class QuestionReader {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int USUAL_DIMENSIONS = 8;
    private static final int MOST_DIMENSIONS = 4096;
    private static final int MOST_INPUTS = 2048;

    private final byte[] body;
    private final List<String> members = new ArrayList<>();
    private @Nullable String model;
    private boolean messages;
    private boolean stream;
    private boolean usage;
    private boolean base64;
    private @Nullable Integer maxTokens;
    private int inputs;
    private int choices = 1;
    private int dimensions = USUAL_DIMENSIONS;

    private QuestionReader(byte[] body) {
        this.body = body;
    }

    static Question chat(byte[] body) throws BadQuestion {
        QuestionReader reader = new QuestionReader(body);
        String model = reader.readModel();
        if (!reader.messages) {
            throw new BadQuestion(
                    "Missing required parameter: 'messages'.",
                    "messages",
                    "missing_required_parameter");
        }
        return reader.question(
                model,
                reader.form(
                        Question.Form.CHAT,
                        Question.Form.CHAT_STREAM,
                        Question.Form.CHAT_STREAM_WITH_USAGE));
    }

    static Question embedding(byte[] body) throws BadQuestion {
        QuestionReader reader = new QuestionReader(body);
        String model = reader.readModel();
        if (reader.inputs < 1 || reader.inputs > MOST_INPUTS) {
            throw new BadQuestion(
                    "'$.input' is invalid. Please check the API reference: "
                            + "https://platform.openai.com/docs/api-reference.",
                    null,
                    null);
        }
        return reader.question(
                model, reader.base64 ? Question.Form.EMBEDDING_BASE64 : Question.Form.EMBEDDING);
    }

    static Question completion(byte[] body) throws BadQuestion {
        QuestionReader reader = new QuestionReader(body);
        String model = reader.readModel();
        if (reader.inputs < 1 || reader.choices < 1) {
            String wrong = reader.inputs < 1 ? "prompt" : "n";
            throw new BadQuestion("Invalid value for '%s'.".formatted(wrong), wrong, null);
        }
        reader.inputs =
                Math.min(MOST_INPUTS, reader.inputs * Math.min(MOST_INPUTS, reader.choices));
        return reader.question(
                model,
                reader.form(
                        Question.Form.COMPLETION,
                        Question.Form.COMPLETION_STREAM,
                        Question.Form.COMPLETION_STREAM_WITH_USAGE));
    }

    private Question.Form form(
            Question.Form whole, Question.Form streamed, Question.Form streamedWithUsage) {
        if (!stream) {
            return whole;
        }
        return usage ? streamedWithUsage : streamed;
    }

    static Question moderation(byte[] body) throws BadQuestion {
        QuestionReader reader = new QuestionReader(body);
        String model = reader.readModel();
        if (reader.inputs < 1) {
            throw new BadQuestion(
                    "Missing required parameter: 'input'.", "input", "missing_required_parameter");
        }
        return reader.question(model, Question.Form.MODERATION);
    }

    private Question question(String named, Question.Form form) {
        return new Question(
                named,
                form,
                maxTokens,
                inputs,
                dimensions,
                body.length,
                members,
                Question.fingerprint(body));
    }

    private String readModel() throws BadQuestion {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw BadQuestion.notJson();
            }
            for (String name = json.nextName(); name != null; name = json.nextName()) {
                json.nextToken();
                members.add(name);
                member(name, json);
            }
        } catch (JacksonException e) {
            throw BadQuestion.notJson();
        }
        if (model == null) {
            throw new BadQuestion("you must provide a model parameter", null, null);
        }
        return model;
    }

    private void member(String name, JsonParser json) throws BadQuestion {
        switch (name) {
            case "model" -> model = json.getValueAsString();
            case "messages" -> {
                messages = json.currentToken() == JsonToken.START_ARRAY;
                json.skipChildren();
            }
            case "stream" -> stream = json.currentToken() == JsonToken.VALUE_TRUE;
            case "stream_options" -> streamOptions(json);
            case "max_tokens", "max_completion_tokens" -> maxTokens(name, json);
            case "input", "prompt" -> inputs = inputs(json);
            case "n" -> {
                choices = json.getValueAsInt();
                json.skipChildren();
            }
            case "dimensions" -> dimensions = Math.clamp(json.getValueAsInt(), 1, MOST_DIMENSIONS);
            case "encoding_format" -> base64 = "base64".equals(json.getValueAsString());
            default -> json.skipChildren();
        }
    }

    private void streamOptions(JsonParser json) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            boolean on = json.nextToken() == JsonToken.VALUE_TRUE;
            usage |= on && name.equals("include_usage");
            json.skipChildren();
        }
    }

    private void maxTokens(String name, JsonParser json) throws BadQuestion {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        int limit = json.getValueAsInt();
        if (limit < 1) {
            throw new BadQuestion(
                    "Invalid '%s': integer below minimum value. Expected a value >= 1, but got %d instead."
                            .formatted(name, limit),
                    name,
                    "integer_below_min_value");
        }
        maxTokens = limit;
    }

    /** A text is one input; so is a list of token numbers, or of parts, a picture's among them. */
    private static int inputs(JsonParser json) {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            return 1;
        }
        if (json.currentToken() != JsonToken.START_ARRAY) {
            json.skipChildren();
            return 0;
        }
        int count = 0;
        boolean one = false;
        for (JsonToken it = json.nextToken(); it != JsonToken.END_ARRAY; it = json.nextToken()) {
            one |= it == JsonToken.VALUE_NUMBER_INT || it == JsonToken.START_OBJECT;
            count++;
            json.skipChildren();
        }
        return one ? 1 : count;
    }
}
