package dev.gantry.event;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.StateLabel;
import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;

/** Writes the value of what circuits and their operators do. */
final class CircuitBody {
    private final Origin origin;

    CircuitBody(Origin origin) {
        this.origin = origin;
    }

    byte[] changed(CircuitTransition change) {
        return JsonBody.of(
                body -> {
                    circuit(body, change.key());
                    body.text("event", event(change)).text("from", change.from().label());
                    move(body, change);
                    CircuitCause cause = change.cause();
                    body.textIfKnown("kind", cause.kind() == null ? null : cause.kind().label())
                            .text("reason", Scrubber.scrub(cause.reason()))
                            .text("actor", cause.actor())
                            .text("worker", origin.worker());
                });
    }

    /**
     * One circuit's part in it.
     *
     * @param change null: nothing had to move
     */
    byte[] acted(OperatorAct act, @Nullable CircuitTransition change) {
        return JsonBody.of(
                body -> {
                    act(body, act);
                    if (change != null) {
                        circuit(body, change.key());
                        body.object(
                                "change",
                                each -> move(each.text("from", change.from().label()), change));
                    }
                });
    }

    /** A record that an operator took out of the spool. */
    byte[] dropped(OperatorAct act, DroppedRecord dropped) {
        return JsonBody.of(
                body -> {
                    act(body, act);
                    body.object(
                            "dropped",
                            each ->
                                    each.text("topic", dropped.topic())
                                            .number("bytes", dropped.bytes())
                                            .text("set_aside", Scrubber.scrub(dropped.setAside())));
                });
    }

    private void act(JsonBody body, OperatorAct act) {
        body.text("act_id", act.id())
                .text("actor", act.actor())
                .text("action", act.action())
                .text("target", act.target());
        if (act.time() != null) {
            body.millis("for_ms", act.time());
        }
        body.text("reason", Scrubber.scrub(act.reason()))
                .time("acted_at", act.at())
                .text("worker", origin.worker());
    }

    private static void move(JsonBody body, CircuitTransition change) {
        body.text("to", change.to().label()).time("at", change.at());
        if (change.until() != null) {
            body.time("until", change.until());
        }
    }

    private static void circuit(JsonBody body, CircuitKey key) {
        body.text("circuit", key.value())
                .text("provider", key.provider())
                .text("instance", key.instance());
        if (key.type() != null && key.model() != null) {
            body.text("type", key.type().label()).text("model", key.model());
        }
    }

    /** A state that was entered; opened also where only the time changed. */
    private static String event(CircuitTransition change) {
        return change.to() == StateLabel.OPEN ? "opened" : change.to().label();
    }
}
