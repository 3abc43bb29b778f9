package dev.gantry.simulator;

import dev.gantry.simulator.http.HttpRequest;
import dev.gantry.simulator.http.Reply;
import dev.gantry.simulator.http.ServerConnection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ProtocolException;

/** All requests of one connection, one after the other; whoever opened the line closes it. */
final class Conversation implements Runnable {
    private final ServerConnection connection;
    private final Endpoints endpoints;

    Conversation(ServerConnection connection, Endpoints endpoints) {
        this.connection = connection;
        this.endpoints = endpoints;
    }

    @Override
    public void run() {
        try {
            HttpRequest request = next();
            while (request != null && endpoints.serve(request, connection)) {
                request = request.keepsAlive() ? next() : null;
            }
        } catch (IOException _) {
            // The client has gone between two calls: nothing is owed to it.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable HttpRequest next() throws IOException {
        try {
            return connection.request();
        } catch (ProtocolException e) {
            String said = "Bad request: " + e.getMessage();
            connection.write(Reply.json(400, ApiError.of(said, null, null)).bytes());
            return null;
        }
    }
}
