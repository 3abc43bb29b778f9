package dev.gantry.quickstart;

import dev.gantry.testbed.Ports;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where everything listens.
 *
 * @param abroad who answers for Anthropic and Gemini
 * @param moved what is not where it usually is, a sentence each
 */
record Places(
        int broker,
        int database,
        int worker,
        int openai,
        int abroad,
        int house,
        List<String> moved) {
    private static final Path EXAMPLE = Path.of("src/examples/quickstart.yml");

    /** The ports that each is known by, unless they are taken. */
    static final Places USUAL = new Places(9092, 5432, 8081, 8089, 8090, 8091, List.of());

    Places {
        moved = List.copyOf(moved);
    }

    /** For who comes and goes. */
    static Places anywhere() throws IOException {
        return new Places(
                Ports.free(),
                Ports.free(),
                Ports.free(),
                Ports.free(),
                Ports.free(),
                Ports.free(),
                List.of());
    }

    /** For who stays, so that commands and files of yesterday still hold. */
    Places orElsewhere() throws IOException {
        List<String> other = new ArrayList<>();
        return new Places(
                orElsewhere("the broker", broker, other),
                orElsewhere("the database", database, other),
                orElsewhere("the worker's pages", worker, other),
                orElsewhere("openai", openai, other),
                orElsewhere("anthropic and gemini", abroad, other),
                orElsewhere("house", house, other),
                other);
    }

    private static int orElsewhere(String who, int port, List<String> moved) throws IOException {
        if (free(port)) {
            return port;
        }
        int other = Ports.free();
        moved.add("port %d is taken: %s on %d".formatted(port, who, other));
        return other;
    }

    private static boolean free(int port) {
        try (ServerSocket _ = new ServerSocket(port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    String bootstrapServers() {
        return "localhost:" + broker;
    }

    String databaseUrl() {
        return "jdbc:postgresql://localhost:" + database + "/gantry";
    }

    /**
     * The example as it stands, with these addresses, and keys that a simulator takes.
     *
     * @throws IllegalStateException if the example lacks one of them
     */
    String configuration() throws IOException {
        Map<String, String> others = new LinkedHashMap<>();
        others.put("localhost:9092", bootstrapServers());
        others.put("jdbc:postgresql://localhost:5432/gantry", databaseUrl());
        others.put("port: 8081", "port: " + worker);
        others.put("https://api.openai.com/v1", "http://127.0.0.1:" + openai + "/v1");
        others.put("https://api.anthropic.com/v1", "http://127.0.0.1:" + abroad + "/v1");
        others.put(
                "https://generativelanguage.googleapis.com/v1beta",
                "http://127.0.0.1:" + abroad + "/v1beta");
        others.put("http://llm.example.internal:8000/v1", "http://127.0.0.1:" + house + "/v1");
        for (String key : List.of("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")) {
            others.put("\"${" + key + "}\"", "sk-simulated");
        }
        String text = Files.readString(EXAMPLE);
        StringBuilder settings = new StringBuilder(text.substring(text.indexOf("\nspring:") + 1));
        others.forEach((there, here) -> replace(settings, there, here));
        return settings.toString();
    }

    private static void replace(StringBuilder text, String there, String here) {
        int at = text.indexOf(there);
        if (at < 0) {
            throw new IllegalStateException(EXAMPLE + " lacks " + there);
        }
        text.replace(at, at + there.length(), here);
    }
}
