package dev.gantry.observe;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.secret.Scrubber;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.dao.DataAccessException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /actuator/lanes}: an operator opens, denies or resets circuits. */
public final class LanesPost extends OperatorPost {
    private final Circuits circuits;

    public LanesPost(Circuits circuits, OperatorToken token) {
        super(token);
        this.circuits = circuits;
    }

    @Override
    Reply operate(byte[] body) {
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

    private static Reply done(OperatorAction action, List<CircuitTransition> moves) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("target", action.target().value());
        body.put("action", action.deed().label());
        body.put("actor", action.actor());
        body.put("transitions", moves.stream().map(LanesPost::row).toList());
        return new Reply(HttpServletResponse.SC_OK, body);
    }

    private static Map<String, Object> row(CircuitTransition move) {
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
