package dev.gantry.event;

import dev.gantry.secret.Scrubber;

import org.jspecify.annotations.Nullable;

/** Writes the value of what circuits and their operators do. */
final class CircuitBody {
    private final Origin origin;

    CircuitBody(Origin origin) {
        this.origin = origin;
    }

    byte[] changed(CircuitChange change) {
        return JsonBody.of(
                body -> {
                    body.text("circuit", change.circuit());
                    parts(body, change.circuit());
                    body.text("event", event(change)).text("from", change.from());
                    move(body, change);
                    body.textIfKnown("kind", change.kind())
                            .text("reason", Scrubber.scrub(change.reason()))
                            .text("actor", change.actor())
                            .text("worker", origin.worker());
                });
    }

    /**
     * One circuit's part in it.
     *
     * @param change null: nothing had to move
     */
    byte[] acted(OperatorDeed deed, @Nullable CircuitChange change) {
        return JsonBody.of(
                body -> {
                    deed(body, deed);
                    if (change != null) {
                        body.text("circuit", change.circuit());
                        parts(body, change.circuit());
                        body.object(
                                "change", each -> move(each.text("from", change.from()), change));
                    }
                });
    }

    /** A record that an operator took out of the spool. */
    byte[] dropped(OperatorDeed deed, DroppedRecord dropped) {
        return JsonBody.of(
                body -> {
                    deed(body, deed);
                    body.object(
                            "dropped",
                            each ->
                                    each.text("topic", dropped.topic())
                                            .number("bytes", dropped.bytes())
                                            .text("set_aside", Scrubber.scrub(dropped.setAside())));
                });
    }

    private void deed(JsonBody body, OperatorDeed deed) {
        body.text("act_id", deed.id())
                .text("actor", deed.actor())
                .text("action", deed.action())
                .text("target", deed.target());
        if (deed.time() != null) {
            body.millis("for_ms", deed.time());
        }
        body.text("reason", Scrubber.scrub(deed.reason()))
                .time("acted_at", deed.at())
                .text("worker", origin.worker());
    }

    private static void move(JsonBody body, CircuitChange change) {
        body.text("to", change.to()).time("at", change.at());
        if (change.until() != null) {
            body.time("until", change.until());
        }
    }

    /**
     * {@code provider:instance} or {@code provider:instance:type:model}; the model may hold colons.
     */
    private static void parts(JsonBody body, String circuit) {
        String[] parts = circuit.split(":", 4);
        body.text("provider", parts[0]).text("instance", parts[1]);
        if (parts.length == 4) {
            body.text("type", parts[2]).text("model", parts[3]);
        }
    }

    /** A state that was entered; opened also where only the time changed. */
    private static String event(CircuitChange change) {
        return change.to().equals("open") ? "opened" : change.to();
    }
}
