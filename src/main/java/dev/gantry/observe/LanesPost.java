package dev.gantry.observe;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.Transition;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.secret.Scrubber;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.dao.DataAccessException;
import org.springframework.web.HttpRequestHandler;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /actuator/lanes}: an operator opens, denies or resets circuits. Beside the endpoint,
 * because an actuator operation sees neither the Authorization header nor a member named "for".
 */
public final class LanesPost implements HttpRequestHandler {
    /** A reason of 500 characters, each escaped, and the rest. */
    private static final int LARGEST_BODY = 16 << 10;

    private final Circuits circuits;
    private final OperatorToken token;

    public LanesPost(Circuits circuits, OperatorToken token) {
        this.circuits = circuits;
        this.token = token;
    }

    /** What is answered. */
    private record Reply(int status, Map<String, Object> body) {
        static Reply error(int status, String message) {
            return new Reply(status, Map.of("error", message));
        }
    }

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
        if (request.getContentLengthLong() > LARGEST_BODY) {
            return tooLarge();
        }
        byte[] body = request.getInputStream().readNBytes(LARGEST_BODY + 1);
        if (body.length > LARGEST_BODY) {
            return tooLarge();
        }
        return operate(body);
    }

    private static Reply tooLarge() {
        return Reply.error(
                HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE,
                "the body exceeds %d bytes".formatted(LARGEST_BODY));
    }

    private Reply operate(byte[] body) {
        OperatorAction action;
        try {
            action = OperatorOrder.read(body);
        } catch (IllegalArgumentException e) {
            return Reply.error(HttpServletResponse.SC_BAD_REQUEST, String.valueOf(e.getMessage()));
        }
        try {
            return done(action, circuits.operate(action));
        } catch (IllegalArgumentException e) {
            return Reply.error(HttpServletResponse.SC_NOT_FOUND, String.valueOf(e.getMessage()));
        } catch (DataAccessException e) {
            return Reply.error(
                    HttpServletResponse.SC_SERVICE_UNAVAILABLE,
                    Scrubber.scrub(SqlTrouble.sentence(e)) + "; nothing is known to have changed");
        }
    }

    private static Reply done(OperatorAction action, List<Transition> moves) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("target", action.target().value());
        body.put("action", action.deed().label());
        body.put("actor", action.actor());
        body.put("transitions", moves.stream().map(LanesPost::row).toList());
        return new Reply(HttpServletResponse.SC_OK, body);
    }

    private static Map<String, Object> row(Transition move) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("circuit", move.key().value());
        row.put("from", move.from().label());
        row.put("to", move.to().label());
        row.put("at", move.at().toString());
        if (move.until() != null) {
            row.put("until", move.until().toString());
        }
        return row;
    }
}
