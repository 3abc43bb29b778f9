package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.endtoend.Published.Try;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.StateLabel;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.LimitHeaderStyle;
import dev.gantry.simulator.script.ProviderStyle;
import dev.gantry.simulator.script.RateLimit;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerPool;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** Three worker processes whose requests wait for benched lanes; and what benches which lane. */
class BenchedFleetTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Behaviour HEALTHY =
            Behaviour.taking(new Latency.Fixed(Duration.ofMillis(50)));

    /** Of each limited lane; 900 for the figures in fleet.md. */
    private static final int REQUESTS = Integer.getInteger("limits.requests", 120);

    private static final int PER_MINUTE = Integer.getInteger("limits.per-minute", 1200);

    /** Three seconds' worth: a minute's calls cannot be saved up. */
    private static final int BURST = PER_MINUTE / 20;

    /** What a call of the lane with a limit of tokens takes: about 50 of input, and these. */
    private static final int OUTPUT = 50;

    /** Far less than the ten minutes, or for ever, that they would wait else. */
    private static final Duration AT_ONCE = Duration.ofMinutes(1);

    private static SimulatedProvider provider;
    private static Fleet fleet;
    private static WorkerPool pool;
    private static CircuitDesk desk;

    @BeforeAll
    static void start() throws Exception {
        provider = SimulatedProvider.start(script());
        fleet =
                Fleet.create()
                        .with("gantry.circuit.cooldown", "2s")
                        .with("gantry.circuit.auth-cooldown", "2s")
                        .with("gantry.circuit.billing-cooldown", "1h")
                        .with("gantry.worker.max-in-flight", "50");
        limited();
        waiting();
        denied();
        accounts();
        quotas();
        limits();
        pool = WorkerPool.start(fleet, "benched");
        desk = new CircuitDesk(fleet);
    }

    private static Script script() {
        RateLimit fifty = new RateLimit(50, Duration.ofSeconds(1), 50, ProviderStyle.OPENAI);
        RateLimit atOnce = fifty.concurrent(4).headers(LimitHeaderStyle.NONE);
        AnswerShape answer = new AnswerShape(OUTPUT, 0, 0, "");
        Fault throttled =
                new Fault.Refuse(
                        Refusal.RATE_LIMIT,
                        ProviderStyle.OPENAI,
                        Duration.ofSeconds(60),
                        Latency.ZERO);
        return Script.of(HEALTHY)
                .model("limited", HEALTHY.with(fifty))
                .model("paced", HEALTHY.with(perMinute().headers(LimitHeaderStyle.NONE)))
                .model("tokens", HEALTHY.with(tokensPerMinute()).with(answer))
                .model("told", HEALTHY.with(perMinute()))
                .model("few", HEALTHY.with(atOnce))
                .key("key-poor", Behaviour.always(Fault.refuse(Refusal.BILLING)))
                .key("key-expired", Behaviour.always(Fault.refuse(Refusal.AUTH)))
                .key("key-throttled", Behaviour.always(throttled));
    }

    private static RateLimit perMinute() {
        return new RateLimit(PER_MINUTE, Duration.ofMinutes(1), BURST, ProviderStyle.OPENAI);
    }

    private static RateLimit tokensPerMinute() {
        long limit = 100L * PER_MINUTE;
        return new RateLimit(PER_MINUTE * 10, Duration.ofMinutes(1), 1000, ProviderStyle.OPENAI)
                .tokens(limit, limit / 20)
                .headers(LimitHeaderStyle.NONE);
    }

    private static void limits() {
        fleet.provider("shared", "cloud", provider.baseUrl(), "paced", "tokens", "told", "few")
                .with(limit(0, "requests-per-minute"), Integer.toString(PER_MINUTE))
                .with(limit(1, "tokens-per-minute"), Integer.toString(100 * PER_MINUTE))
                .with(limit(3, "max-concurrent"), "4");
    }

    private static String limit(int model, String of) {
        return "gantry.providers.shared.models[%d].limits.%s".formatted(model, of);
    }

    private static void limited() {
        fleet.provider("lone", "cloud", provider.baseUrl(), "limited");
    }

    private static void waiting() {
        fleet.provider("near", "cloud", provider.baseUrl(), "awaited")
                .provider("far", "frontier", provider.baseUrl(), "awaited");
    }

    private static void denied() {
        fleet.provider("barred", "cloud", provider.baseUrl(), "denied", "allowed");
        instance("barred", "main", "key-barred");
    }

    /** Of two accounts; the poor one comes first, and has two instances. */
    private static void accounts() {
        fleet.provider("bill", "cloud", provider.baseUrl(), "paid");
        instance("bill", "main", "key-poor")
                .with("gantry.providers.bill.instances.main.account", "poor")
                .with("gantry.providers.bill.instances.main.weight", "300");
        instance("bill", "second", "key-poor")
                .with("gantry.providers.bill.instances.second.account", "poor")
                .with("gantry.providers.bill.instances.second.weight", "200");
        instance("bill", "third", "key-rich")
                .with("gantry.providers.bill.instances.third.account", "rich");
        fleet.provider("key", "cloud", provider.baseUrl(), "opened", "shut");
        instance("key", "main", "key-expired")
                .with("gantry.providers.key.instances.main.weight", "300");
        instance("key", "second", "key-valid");
    }

    /** Each benches more by its 429 than the one before. */
    private static void quotas() {
        for (String scope : List.of("lane", "account", "instance")) {
            String name = "by-" + scope;
            fleet.provider(name, "cloud", provider.baseUrl(), name, name + "-other")
                    .with("gantry.providers." + name + ".quota-scope", scope);
            instance(name, "main", "key-throttled")
                    .with("gantry.providers." + name + ".instances.main.weight", "300")
                    .with("gantry.providers." + name + ".instances.main.account", name);
            instance(name, "second", "key-second")
                    .with("gantry.providers." + name + ".instances.second.weight", "200")
                    .with("gantry.providers." + name + ".instances.second.account", name);
            instance(name, "third", "key-third");
        }
    }

    private static Fleet instance(String family, String name, String key) {
        String prefix = "gantry.providers." + family + ".";
        return fleet.with(prefix + "auth", "bearer")
                .with(prefix + "instances." + name + ".base-url", provider.baseUrl().toString())
                .with(prefix + "instances." + name + ".api-key", key);
    }

    @AfterAll
    static void stop() throws IOException {
        pool.close();
        fleet.close();
        provider.close();
    }

    /** Lessons 21 and 52. */
    @Test
    void aLoneLaneThatThrottlesDelaysItsRequestsAndEndsNone() throws Exception {
        int requests = 700;
        try (Published published = new Published(fleet)) {
            Instant began = Instant.now();
            List<String> sent = fleet.ask("limited", "limited", requests);

            published.successesOf(sent);

            List<Call> calls = calls("limited");
            System.out.printf(
                    "limited to 50/s: %d requests, %d calls, %d ms%n",
                    requests, calls.size(), Duration.between(began, Instant.now()).toMillis());
            assertThat(calls).hasSizeLessThanOrEqualTo(requests * 13 / 10);
            noDeadLetter();
        }
    }

    /**
     * Three workers, one limit: of requests, of tokens, of calls at once, and one that only the
     * answers tell.
     */
    @Test
    void workersShareALimitAndWasteNoCalls() throws Exception {
        try (Published published = new Published(fleet)) {
            // Cold workers would send at once what they were let to send in a second.
            published.successesOf(fleet.ask("allowed", "warm", 60));
            List<String> all = new ArrayList<>();
            for (String model : List.of("paced", "tokens", "told", "few")) {
                List<String> names = RequestLines.names("limit-" + model, REQUESTS);
                fleet.send(names.stream().map(each -> allowing(each, model)).toList());
                all.addAll(names);
            }

            for (int from = 0; from < all.size(); from += REQUESTS / 4) {
                published.successesOf(all.subList(from, from + REQUESTS / 4));
            }

            double paced = used("paced");
            double tokens = used("tokens");
            double told = used("told");
            // A machine that stands still for seconds sends late what was let out in time.
            boolean figures = REQUESTS >= 900;
            assertThat(refused("paced")).isLessThanOrEqualTo(figures ? 0.02 : 0.2);
            assertThat(refused("tokens")).isLessThanOrEqualTo(figures ? 0.02 : 0.2);
            assertThat(refused("told")).isLessThanOrEqualTo(figures ? 0.05 : 0.3);
            assertThat(refused("few")).isLessThanOrEqualTo(figures ? 0 : 0.1);
            double least = figures ? 0.9 : 0.05;
            assertThat(List.of(paced, tokens, told)).allMatch(each -> each >= least);
            noDeadLetter();
        }
    }

    private static String allowing(String name, String model) {
        return RequestLines.chat(name, model).replace("\"max_tokens\":50", "\"max_tokens\":100");
    }

    /** Of its calls. */
    private static double refused(String model) {
        List<Call> calls = calls(model);
        return (double) calls.stream().filter(each -> each.status() == 429).count() / calls.size();
    }

    /** Of the limit, between the first call and the last; of tokens as the provider counts. */
    private static double used(String model) {
        List<Call> calls = calls(model).stream().filter(each -> each.status() == 200).toList();
        long tokens = calls.stream().mapToLong(each -> each.tokens().input() + OUTPUT).sum();
        double amount = model.equals("tokens") ? tokens / 100.0 : calls.size();
        Instant last = calls.stream().map(Call::started).max(Instant::compareTo).orElseThrow();
        double minutes = Duration.between(firstCall(model), last).toMillis() / 60_000.0;
        double used = amount / minutes / PER_MINUTE;
        System.out.printf(
                Locale.ROOT,
                "%s: %d requests, %d calls, %.1f %% refused, %.2f of the limit used in %.0f s%n",
                model,
                REQUESTS,
                calls(model).size(),
                100 * refused(model),
                used,
                60 * minutes);
        return used;
    }

    /** Lesson 52. */
    @Test
    void requestsWaitWhileAllTheirLanesAreBenchedAndUseNoAttempt() throws Exception {
        try (Published published = new Published(fleet)) {
            desk.open("near:main", Duration.ofMinutes(10));
            desk.deny("far:main");
            pool.awaitBenched("cloud:near:main:inference:awaited");
            pool.awaitBenched("frontier:far:main:inference:awaited");
            List<String> waiting = fleet.ask("awaited", "awaited", 60);
            // Those sent after them have been answered, so these have been looked at.
            published.successesOf(fleet.ask("allowed", "meanwhile", 60));
            assertThat(calls("awaited")).isEmpty();
            toldToWait(waiting);

            Instant reset = Instant.now();
            desk.reset("near:main");
            List<JsonNode> ends = published.successesOf(waiting);

            assertThat(ends)
                    .allSatisfy(
                            each -> {
                                assertThat(each.at("/gantry/attempts").size()).isEqualTo(1);
                                assertThat(each.at("/gantry/lane").asString())
                                        .isEqualTo("cloud:near:main:inference:awaited");
                            });
            assertThat(firstCall("awaited"))
                    .as("woken by the reset")
                    .isBetween(reset, reset.plus(AT_ONCE));
            noDeadLetter();
        }
    }

    /** Lesson 37. */
    @Test
    void aDenialOutlivesATripOfItsInstanceAndARestartOfAllWorkers() throws Exception {
        String denied = "barred:main:inference:denied";
        try (Published published = new Published(fleet)) {
            desk.deny(denied);
            pool.awaitBenched("cloud:" + denied);
            provider.script(
                    script().key("key-barred", Behaviour.always(Fault.refuse(Refusal.AUTH))));
            List<String> tripping = fleet.ask("allowed", "tripping", 5);
            desk.await("barred:main", StateLabel.OPEN);
            provider.script(script());
            List<String> waiting = fleet.ask("denied", "denied", 30);
            desk.await("barred:main", StateLabel.CLOSED);
            published.successesOf(tripping);
            desk.await(denied, StateLabel.DENIED);

            pool.restart();
            published.successesOf(fleet.ask("allowed", "restarted", 30));
            desk.await(denied, StateLabel.DENIED);
            assertThat(calls("denied")).isEmpty();
            Instant reset = Instant.now();
            desk.reset(denied);
            published.successesOf(waiting);

            assertThat(firstCall("denied")).isBetween(reset, reset.plus(AT_ONCE));
        }
    }

    /** Lesson 2. */
    @Test
    void anAccountWithoutMoneyBenchesItsInstancesAndNoOtherAccount() throws Exception {
        try (Published published = new Published(fleet)) {
            List<JsonNode> ends = published.successesOf(fleet.ask("paid", "paid", 30));

            assertThat(ends)
                    .extracting(each -> each.at("/gantry/lane").asString())
                    .containsOnly("cloud:bill:third:inference:paid");
            assertThat(kindOf("bill:main")).isEqualTo(ErrorKind.BILLING);
            assertThat(kindOf("bill:second")).isEqualTo(ErrorKind.BILLING);
            assertThat(desk.status("bill:third")).isEmpty();
            assertThat(published.tries("cloud:bill:second:inference:paid"))
                    .as("benched by its account, or called as that was said")
                    .hasSizeLessThan(10);
        }
    }

    /** Lesson 10. */
    @Test
    void aRefusedKeyBenchesItsInstanceAtOnce() throws Exception {
        try (Published published = new Published(fleet)) {
            List<String> first = fleet.ask("opened", "first", 1);
            published.successesOf(first);

            assertThat(kindOf("key:main")).isEqualTo(ErrorKind.AUTH);
            assertThat(published.tries("cloud:key:main:inference:opened")).hasSize(1);
            JsonNode decision = decision(first.getFirst());
            assertThat(decision.at("/candidates"))
                    .as("as they stood when the route was chosen")
                    .extracting(each -> each.at("/circuit").asString())
                    .containsExactly("closed", "closed");
            assertThat(decision.at("/candidates"))
                    .extracting(each -> each.at("/fate").asString())
                    .containsExactly("failed:auth", "selected");
            assertThat(decision.at("/chosen")).isEqualTo(decision.at("/candidates/0/lane"));
            assertThat(decision.at("/selected")).isEqualTo(decision.at("/candidates/1/lane"));
            assertThat(decision.at("/reason").asString()).isEqualTo("highest weight");
            pool.awaitBenched("cloud:key:main:inference:shut");
            published.successesOf(fleet.ask("shut", "other-model", 5));
            assertThat(published.tries("cloud:key:main:inference:shut"))
                    .as("the key is that of all its models")
                    .allMatch(Try::probe);
        }
    }

    /** Lesson 43: every provider here has an instance of the same name. */
    @Test
    void aThrottledLaneBenchesAsFarAsItsQuotaReaches() throws Exception {
        try (Published published = new Published(fleet)) {
            for (String scope : List.of("lane", "account", "instance")) {
                List<String> sent = fleet.ask("by-" + scope, "quota-" + scope, 10);
                published.successesOf(sent);
            }
        }

        assertThat(kindOf("by-lane:main:inference:by-lane")).isEqualTo(ErrorKind.RATE_LIMIT);
        assertThat(desk.status("by-lane:main:inference:by-lane-other")).isEmpty();
        assertThat(desk.status("by-lane:second:inference:by-lane")).isEmpty();
        assertThat(kindOf("by-account:main:inference:by-account")).isEqualTo(ErrorKind.RATE_LIMIT);
        assertThat(kindOf("by-account:second:inference:by-account"))
                .isEqualTo(ErrorKind.RATE_LIMIT);
        assertThat(desk.status("by-account:third:inference:by-account")).isEmpty();
        assertThat(desk.status("by-account:main:inference:by-account-other")).isEmpty();
        assertThat(kindOf("by-instance:main")).isEqualTo(ErrorKind.RATE_LIMIT);
        assertThat(desk.status("by-instance:second")).isEmpty();
        assertThat(desk.status("near:main:inference:by-lane")).isEmpty();
        for (String scope : List.of("by-lane", "by-account")) {
            assertThat(desk.status(scope + ":main")).isEmpty();
        }
    }

    /** Why it is open, or was when it opened last. */
    private static ErrorKind kindOf(String circuit) throws Exception {
        CircuitStatus moved =
                desk.await(circuit, circuit + " has opened", each -> each.cause().kind() != null);
        return Objects.requireNonNull(moved.cause().kind());
    }

    private static List<Call> calls(String model) {
        return provider.ledger().calls().stream()
                .filter(each -> each.model().equals(model))
                .toList();
    }

    private static Instant firstCall(String model) {
        return calls(model).stream().map(Call::started).min(Instant::compareTo).orElseThrow();
    }

    /** On the routing topic; all are looked at by now, the last record may be on its way. */
    private static void toldToWait(List<String> requests) {
        try (TopicReader routing = fleet.read("routing")) {
            routing.until(
                    "that " + requests.size() + " requests wait",
                    seen ->
                            seen.stream()
                                    .map(each -> JSON.readTree(each.value()))
                                    .filter(each -> each.at("/until").isString())
                                    .map(each -> each.at("/custom_id").asString())
                                    .collect(Collectors.toSet())
                                    .containsAll(requests));
        }
    }

    private static JsonNode decision(String request) {
        try (TopicReader routing = fleet.read("routing")) {
            return routing
                    .until(
                            "the decision on " + request,
                            seen -> seen.stream().anyMatch(each -> decides(each, request)))
                    .stream()
                    .filter(each -> decides(each, request))
                    .map(each -> JSON.readTree(each.value()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean decides(ConsumerRecord<byte[], byte[]> event, String request) {
        JsonNode body = JSON.readTree(event.value());
        return body.has("candidates") && body.at("/custom_id").asString().equals(request);
    }

    private static void noDeadLetter() {
        try (TopicReader letters = fleet.read("dead-letters")) {
            assertThat(letters.all()).isEmpty();
        }
    }
}
