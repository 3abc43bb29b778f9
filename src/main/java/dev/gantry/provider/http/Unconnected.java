package dev.gantry.provider.http;

import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.Unreachable;

/** No connection came about; travels from the connector to the exchange, which makes it a reply. */
final class Unconnected extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Unreachable reply;

    Unconnected(Obstacle obstacle, String message) {
        super(message, null, false, false);
        this.reply = new Unreachable(obstacle, HttpWording.clip(message));
    }

    Unreachable reply() {
        return reply;
    }
}
