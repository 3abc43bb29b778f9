package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

/** What strangers can see and do who reach a running worker's management port. */
class ManagementPortTest {
    private static final String TOKEN = "operator-secret-1";
    private static final String AUTHORIZATION = "Authorization: Bearer " + TOKEN + "\r\n";
    private static final String LIVENESS = "/actuator/health/liveness";

    private static SimulatedProvider provider;
    private static Fleet fleet;
    private static ConfigurableApplicationContext local;
    private static ConfigurableApplicationContext open;

    @BeforeAll
    static void start() throws Exception {
        provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
        fleet =
                Fleet.create()
                        .provider("sim", "cloud", provider.baseUrl(), "one")
                        .with("gantry.operator.token", TOKEN)
                        .with("gantry.operator.allowed-hosts", "gantry.example.com")
                        .with("gantry.worker.drain-timeout", "1s");
        local = Commands.startWorker(List.of(fleet.arguments()));
        open =
                Commands.startWorker(
                        Stream.concat(
                                        Stream.of(fleet.arguments()),
                                        Stream.of("--management.server.address=0.0.0.0"))
                                .toList());
        for (ConfigurableApplicationContext worker : List.of(local, open)) {
            Await.until(
                    "ready",
                    () -> get(worker, "/actuator/health/readiness", "").contains("\"UP\""));
        }
    }

    @AfterAll
    static void stop() throws IOException {
        local.close();
        open.close();
        fleet.close();
        provider.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "localhost.evil.example", "127.0.0.1.nip.io:8081", "evil"})
    void aNameThatMayHaveBeenReboundIsRefused(String host) throws IOException {
        for (String page : List.of(LIVENESS, "/actuator/lanes", "/actuator/prometheus")) {
            String answer = send(local, "GET " + page + " HTTP/1.1\r\nHost: " + host + "\r\n");

            assertThat(answer).startsWith("HTTP/1.1 403").contains("gantry.operator.allowed-hosts");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: localhost:8081",
                "Host: 10.1.2.3:8081",
                "Host: [::1]:8081",
                "Host: gantry.example.com",
                "X-None: HTTP/1.0"
            })
    void probesAndConfiguredNamesAreLetIn(String header) throws IOException {
        String version = header.startsWith("Host") ? "1.1" : "1.0";

        String answer =
                send(local, "GET " + LIVENESS + " HTTP/" + version + "\r\n" + header + "\r\n");

        assertThat(answer).contains(" 200 ", "\"UP\"");
    }

    @ParameterizedTest
    @CsvSource({
        "Origin: https://evil.example",
        "Origin: null",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site"
    })
    void anotherWebPageCanDoNothingEvenWithTheToken(String header) throws IOException {
        String answer =
                post(
                        AUTHORIZATION + header + "\r\n",
                        "{\"target\":\"sim:main\",\"action\":\"deny\"}");

        assertThat(answer).startsWith("HTTP/1.1 403");
        assertThat(get(local, "/actuator/lanes", "")).doesNotContain("denied");
    }

    @Test
    void whatMessagesSayIsForTheOperator() throws Exception {
        post(
                AUTHORIZATION,
                """
                {"target": "sim:main:inference:one", "action": "open", "for": "1h", "actor": "jo",
                 "reason": "see postgres://u:hunter2@h/db"}""");
        Await.until("shown", () -> get(local, "/actuator/lanes", "").contains("\"open\""));

        String strangers = get(local, "/actuator/lanes", "");
        String operators = get(local, "/actuator/lanes", AUTHORIZATION);

        assertThat(strangers)
                .contains("\"state\":\"open\"", "\"until\"")
                .doesNotContain("postgres", "\"jo\"", "\"reason\"", "\"actor\"");
        assertThat(operators)
                .contains("see postgres://***@h/db", "\"actor\":\"jo\"")
                .doesNotContain("hunter2");
        post(AUTHORIZATION, "{\"target\":\"sim:main:inference:one\",\"action\":\"reset\"}");
    }

    @Test
    void healthIsTersOnANetworkUnlessTheOperatorAsks() throws IOException {
        String page = "/actuator/health/readiness";

        assertThat(get(local, page, "")).contains("\"degraded\"");
        assertThat(get(open, page, "")).contains("{\"status\":\"UP\"}");
        assertThat(get(open, page, "Authorization: Bearer wrong\r\n"))
                .contains("{\"status\":\"UP\"}");
        assertThat(get(open, page, AUTHORIZATION)).contains("\"degraded\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "env", "configprops", "beans", "heapdump", "threaddump", "loggers", "mappings",
                "shutdown", "conditions", "sbom", "flyway", "metrics", "scheduledtasks",
                        "httpexchanges"
            })
    void nothingElseIsServed(String page) throws IOException {
        assertThat(get(local, "/actuator/" + page, AUTHORIZATION)).startsWith("HTTP/1.1 404");
    }

    @Test
    void anAnswerToNonsenseTellsNothingOfTheServer() throws IOException {
        for (String nonsense :
                List.of(
                        "GET /%zz HTTP/1.1\r\nHost: localhost\r\n",
                        "NONSENSE\r\n",
                        "TRACE / HTTP/1.1\r\nHost: localhost\r\n",
                        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(16 << 10) + "\r\n",
                        "GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(100))) {
            assertThat(send(local, nonsense))
                    .startsWith("HTTP/1.1 4")
                    .doesNotContainIgnoringCase("tomcat", "exception", "at org.");
        }
    }

    /** Far more than the port has connections, each dripping, for as long as they are let. */
    @Test
    void livenessAnswersWhileAThousandRequestsDrip() throws Exception {
        List<Socket> dripping = new ArrayList<>();
        try (ScheduledExecutorService drops = Executors.newSingleThreadScheduledExecutor()) {
            for (int each = 0; each < 1_000; each++) {
                Socket socket = connect(local);
                socket.getOutputStream()
                        .write(("GET " + LIVENESS + " HTTP/1.1\r\nX: ").getBytes(ISO_8859_1));
                dripping.add(socket);
            }
            Future<?> drip =
                    drops.scheduleWithFixedDelay(() -> drip(dripping), 0, 500, MILLISECONDS);

            for (int each = 0; each < 5; each++) {
                // Of those that came in the same tenth of a second any may be closed as surplus: a
                // probe asks again.
                Await.until("liveness answers", ManagementPortTest::lives);
            }
            Await.until(
                    "all are closed",
                    () -> dripping.stream().allMatch(ManagementPortTest::isClosed));
            drip.cancel(true);
        } finally {
            for (Socket socket : dripping) {
                socket.close();
            }
        }
    }

    private static boolean lives() throws IOException {
        try {
            String answer = get(local, LIVENESS, "");
            return answer.startsWith("HTTP/1.1 200") && answer.contains("\"UP\"");
        } catch (SocketException _) {
            return false;
        }
    }

    private static void drip(List<Socket> sockets) {
        for (Socket socket : sockets) {
            try {
                socket.getOutputStream().write('x');
            } catch (IOException _) {
                // Closed already, as it should be.
            }
        }
    }

    private static boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketException _) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static String get(ConfigurableApplicationContext worker, String page, String headers)
            throws IOException {
        return send(worker, "GET " + page + " HTTP/1.1\r\nHost: localhost\r\n" + headers);
    }

    private static String post(String headers, String body) throws IOException {
        return send(
                local,
                "POST /actuator/lanes HTTP/1.1\r\nHost: localhost\r\n" + headers,
                "Content-Length: " + body.length() + "\r\n",
                body);
    }

    private static String send(ConfigurableApplicationContext worker, String head)
            throws IOException {
        return send(worker, head, "", "");
    }

    private static String send(
            ConfigurableApplicationContext worker, String head, String length, String body)
            throws IOException {
        try (Socket socket = connect(worker)) {
            socket.setSoTimeout(30_000);
            String request = head + length + "Connection: close\r\n\r\n" + body;
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static Socket connect(ConfigurableApplicationContext worker) throws IOException {
        int port =
                worker.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }
}
