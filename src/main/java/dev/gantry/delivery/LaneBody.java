package dev.gantry.delivery;

import dev.gantry.audit.Scrubber;

/** Writes the values of events that are about lanes and not about a request. */
final class LaneBody {
    /** A star may mean a thousand circuits; the first of them say which kind. */
    private static final int LISTED = 100;

    private final Origin origin;

    LaneBody(Origin origin) {
        this.origin = origin;
    }

    byte[] of(CircuitChange change) {
        return JsonBody.of(
                body -> {
                    body.text("target", change.target())
                            .text("change", change.change())
                            .text("from", change.from().label())
                            .text("to", change.to().label())
                            .time("at", change.at());
                    if (change.until() != null) {
                        body.time("until", change.until());
                    }
                    if (change.kind() != null) {
                        body.text("error_kind", change.kind().label());
                    }
                    body.text("reason", Scrubber.scrub(change.reason()))
                            .text("actor", change.actor())
                            .text("worker", origin.worker());
                });
    }

    byte[] of(OperatorAct act) {
        return JsonBody.of(
                body -> {
                    body.text("target", act.target()).text("action", act.action());
                    if (act.time() != null) {
                        body.millis("for_ms", act.time());
                    }
                    body.array(
                                    "circuits",
                                    list ->
                                            act.circuits().stream()
                                                    .sorted()
                                                    .limit(LISTED)
                                                    .forEach(list::item))
                            .number("circuit_count", act.circuits().size())
                            .text("actor", act.actor())
                            .text("reason", Scrubber.scrub(act.reason()))
                            .time("at", act.at())
                            .text("worker", origin.worker());
                });
    }
}
