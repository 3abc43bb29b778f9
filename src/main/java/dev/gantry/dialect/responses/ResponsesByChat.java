package dev.gantry.dialect.responses;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.Translation;
import dev.gantry.dialect.Unsayable;
import dev.gantry.dialect.WireFormat;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;

import java.util.Map;

/** One request of the Responses API to a lane that chats only, in whatever dialect. */
public final class ResponsesByChat implements WireFormat {
    private final WireFormat chat;
    private final InferenceRequest request;
    private final String name;

    /**
     * @param chat in which the lane's dialect is spoken
     */
    public ResponsesByChat(WireFormat chat, InferenceRequest request, Attempt.Dispatch dispatch) {
        this.chat = chat;
        this.request = request;
        this.name = dispatch.id().toString();
    }

    @Override
    public Translation request(InferenceRequest asked, Attempt.Dispatch dispatch) {
        try {
            var body = new ChatBody(asked.body(), dispatch.adaptation());
            Translation said =
                    chat.request(
                            asked.as(
                                    dispatch.adaptation().called(asked),
                                    ResponsesRequest.chat(body, asked.body().facts())),
                            dispatch);
            return said instanceof Translation.Untranslatable(String why)
                    ? new Translation.Untranslatable(ResponsesRequest.asked(body, why))
                    : said;
        } catch (Unsayable e) {
            return e.refusal();
        }
    }

    @Override
    public Reading answer(
            Operation operation, int status, Map<String, String> headers, byte[] body) {
        return ResponsesAnswer.of(
                chat.answer(operation, status, headers, body), request.body(), name);
    }
}
