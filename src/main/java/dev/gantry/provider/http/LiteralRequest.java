package dev.gantry.provider.http;

import org.apache.hc.core5.http.message.BasicClassicHttpRequest;

/** A request whose target is sent as given: the library would shorten a whole address to a path. */
final class LiteralRequest extends BasicClassicHttpRequest {
    private static final long serialVersionUID = 1L;

    private final String target;

    LiteralRequest(String method, String target) {
        super(method, "/");
        this.target = target;
    }

    @Override
    public String getRequestUri() {
        return target;
    }
}
