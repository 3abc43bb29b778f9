package dev.gantry.observe;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.HttpRequestHandler;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.util.Map;

/**
 * What an operator does by a POST. Beside the actuator's endpoints, because an operation there sees
 * neither the Authorization header nor a member named "for".
 */
abstract class OperatorPost implements HttpRequestHandler {
    /** A reason of 500 characters, each escaped, and the rest. */
    private static final int LARGEST_BODY = 16 << 10;

    private final OperatorToken token;
    private final int largestBody;

    OperatorPost(OperatorToken token) {
        this(token, LARGEST_BODY);
    }

    /**
     * @param largestBody bytes
     */
    OperatorPost(OperatorToken token, int largestBody) {
        this.token = token;
        this.largestBody = largestBody;
    }

    /**
     * What is answered.
     *
     * @param body what JSON can be made of
     */
    record Reply(int status, Object body) {
        static Reply error(int status, String message) {
            return new Reply(status, Map.of("error", message));
        }
    }

    /** Of whoever has shown the token. */
    abstract Reply operate(byte[] body);

    @Override
    public void handleRequest(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Reply reply = reply(request);
        response.setStatus(reply.status());
        if (reply.status() == HttpServletResponse.SC_UNAUTHORIZED) {
            response.setHeader("WWW-Authenticate", "Bearer");
        }
        response.setContentType("application/json");
        response.getOutputStream().write(JsonMapper.shared().writeValueAsBytes(reply.body()));
    }

    private Reply reply(HttpServletRequest request) throws IOException {
        if (!token.isSet()) {
            return Reply.error(
                    HttpServletResponse.SC_FORBIDDEN,
                    "gantry.operator.token is not set: nobody may do this over HTTP");
        }
        if (!token.isShownIn(request.getHeader("Authorization"))) {
            return Reply.error(
                    HttpServletResponse.SC_UNAUTHORIZED,
                    "Authorization: Bearer with the operator token is needed");
        }
        if (request.getContentLengthLong() > largestBody) {
            return tooLarge();
        }
        byte[] body = request.getInputStream().readNBytes(largestBody + 1);
        if (body.length > largestBody) {
            return tooLarge();
        }
        return operate(body);
    }

    private Reply tooLarge() {
        return Reply.error(
                HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE,
                "the body exceeds %d bytes".formatted(largestBody));
    }
}
