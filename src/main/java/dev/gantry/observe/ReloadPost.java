package dev.gantry.observe;

import dev.gantry.event.ReloadReport;

import jakarta.servlet.http.HttpServletResponse;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code POST /actuator/reload}: an operator has the catalogue read again. A body is not needed; it
 * may say who asks, and why.
 */
public final class ReloadPost extends OperatorPost {
    /** The configuration was understood and is wrong. */
    private static final int UNPROCESSABLE = 422;

    private final Reload reload;

    /** Reads the catalogue again, once whoever does so already is done. */
    public interface Reload {
        /** Also tells the audit, the log and the meters. */
        ReloadReport by(String actor, String reason);
    }

    public ReloadPost(Reload reload, OperatorToken token) {
        super(token);
        this.reload = reload;
    }

    @Override
    Reply operate(byte[] body) {
        OperatorOrder.Signed signed;
        try {
            signed = OperatorOrder.signed(body);
        } catch (IllegalArgumentException e) {
            return Reply.error(HttpServletResponse.SC_BAD_REQUEST, String.valueOf(e.getMessage()));
        }
        ReloadReport report = reload.by(signed.actor(), signed.reason());
        return report.outcome() == ReloadReport.Outcome.REFUSED ? refused(report) : done(report);
    }

    private static Reply refused(ReloadReport report) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", "the configuration is wrong; what was in force stays in force");
        body.put("outcome", report.outcome().label());
        body.put("mistakes", report.mistakes());
        body.put("catalog", report.catalog());
        return new Reply(UNPROCESSABLE, body);
    }

    private static Reply done(ReloadReport report) {
        Map<String, Object> lanes = new LinkedHashMap<>();
        lanes.put("added", report.lanes().added());
        lanes.put("removed", report.lanes().removed());
        lanes.put("changed", report.lanes().changed());
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("outcome", report.outcome().label());
        body.put("catalog", report.catalog());
        body.put("prices", report.prices());
        body.put("lanes", lanes);
        body.put("settings", report.settings());
        body.put("needs_restart", report.needRestart());
        body.put("notices", report.notices());
        return new Reply(HttpServletResponse.SC_OK, body);
    }
}
