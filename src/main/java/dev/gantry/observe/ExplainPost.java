package dev.gantry.observe;

import dev.gantry.explain.Explainer;
import dev.gantry.explain.Explanation;
import dev.gantry.explain.ExplanationJson;
import dev.gantry.explain.Finding;
import dev.gantry.request.RequestLimits;

import jakarta.servlet.http.HttpServletResponse;

/**
 * {@code POST /actuator/explain}: what would become of one request line on this worker now. For the
 * operator, since it tells of lanes and prices what a request could be made to find out.
 */
public final class ExplainPost extends OperatorPost {
    private final Explainer explainer;

    /**
     * Takes bodies as large as a request may be.
     *
     * @param limits of the requests that the worker takes
     */
    public ExplainPost(Explainer explainer, RequestLimits limits, OperatorToken token) {
        super(token, (int) Math.min(limits.maxSize(), Integer.MAX_VALUE - 1));
        this.explainer = explainer;
    }

    @Override
    Reply operate(byte[] body) {
        return switch (explainer.explain(body, null)) {
            case Finding.Unusable(String reason) ->
                    Reply.error(HttpServletResponse.SC_BAD_REQUEST, reason);
            case Explanation explanation ->
                    new Reply(HttpServletResponse.SC_OK, ExplanationJson.of(explanation));
        };
    }
}
