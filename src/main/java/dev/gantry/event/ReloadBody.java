package dev.gantry.event;

import dev.gantry.secret.Scrubber;

import java.util.List;

/** Writes the value of an audit of the catalogue having been read again. */
final class ReloadBody {
    /** What was acted on. */
    static final String TARGET = "catalogue";

    private final Origin origin;

    ReloadBody(Origin origin) {
        this.origin = origin;
    }

    byte[] of(ReloadReport report) {
        return JsonBody.of(
                body -> {
                    body.text("act_id", report.id())
                            .text("actor", report.actor())
                            .text("action", "reload")
                            .text("target", TARGET)
                            .text("reason", Scrubber.scrub(report.reason()))
                            .time("acted_at", report.at())
                            .text("worker", origin.worker());
                    body.object("reload", each -> reload(each, report));
                });
    }

    private static void reload(JsonBody body, ReloadReport report) {
        body.text("outcome", report.outcome().label()).text("catalog", report.catalog());
        list(body, "prices", report.prices());
        body.object(
                "lanes",
                lanes -> {
                    list(lanes, "added", report.lanes().added());
                    list(lanes, "removed", report.lanes().removed());
                    list(lanes, "changed", report.lanes().changed());
                });
        list(body, "settings", report.settings());
        list(body, "needs_restart", report.needRestart());
        list(body, "mistakes", report.mistakes().stream().map(Scrubber::scrub).toList());
    }

    private static void list(JsonBody body, String name, List<String> values) {
        body.array(name, all -> values.forEach(all::item));
    }
}
