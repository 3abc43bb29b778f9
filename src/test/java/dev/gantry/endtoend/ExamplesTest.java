package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.SecuredBroker;
import dev.gantry.testbed.Topic;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A worker starts with each example, and answers; only addresses and secrets are the test's. */
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("src/examples");
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir Path folder;

    @Test
    void everyExampleIsStartedHere() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            assertThat(
                            files.map(each -> each.getFileName().toString())
                                    // Kubernetes's, not a worker's.
                                    .filter(each -> !each.equals("keda.yml")))
                    .containsExactlyInAnyOrder(
                            "quickstart.yml",
                            "one-server.yml",
                            "local-models.yml",
                            "providers.yml",
                            "dialects.yml",
                            "kubernetes.yml");
        }
    }

    @Test
    void oneServerAnswersRequestsThatNameNoModel() throws Exception {
        try (SimulatedProvider server = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Fleet fleet =
                        Fleet.create()
                                .with(
                                        "gantry.providers.vllm.instances.a.base-url",
                                        server.baseUrl().toString());
                var _ = worker("one-server.yml", fleet)) {
            fleet.send(
                    List.of(
                            "{\"custom_id\":\"chat\",\"body\":{\"messages\":[]}}",
                            "{\"custom_id\":\"embed\",\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"bge-m3\",\"input\":\"a\"}}"));

            Map<String, JsonNode> results = results(fleet, 2);

            assertThat(lane(results, "chat")).hasValue("local:vllm:a:inference:qwen3-30b");
            assertThat(lane(results, "embed")).hasValue("local:vllm:a:embedding:bge-m3");
        }
    }

    @Test
    void localModelsAreThoseThatServersList() throws Exception {
        String instances = "gantry.providers.ollama.instances.";
        try (SimulatedProvider desk = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                SimulatedProvider rack = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Fleet fleet =
                        Fleet.create()
                                .with(instances + "desk.base-url", desk.baseUrl().toString())
                                .with(instances + "rack.base-url", rack.baseUrl().toString())
                                .with("GROQ_API_KEY", "gsk-one")) {
            desk.list("llama3.3:latest", "qwen3:8b");
            rack.list("nomic-embed-text:v1.5", "llama3.3:70b");
            try (var _ = worker("local-models.yml", fleet)) {
                fleet.send(
                        List.of(
                                "{\"custom_id\":\"chat\",\"body\":{\"model\":\"llama3.3\",\"messages\":[]}}",
                                "{\"custom_id\":\"embed\",\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"nomic-embed-text\",\"input\":\"a\"}}"));

                Map<String, JsonNode> results = results(fleet, 2);

                assertThat(lane(results, "chat"))
                        .hasValue("local:ollama:desk:inference:llama3.3:latest");
                assertThat(lane(results, "embed"))
                        .hasValue("local:ollama:rack:embedding:nomic-embed-text:v1.5");
            }
        }
    }

    @Test
    void ofSeveralProvidersTheNextOneAnswersAndPrivateDataStayAtHome() throws Exception {
        try (SimulatedProvider house = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                SimulatedProvider groq =
                        SimulatedProvider.start(
                                Script.parse(
                                        "{\"default\":{\"faults\":[{\"fault\":\"billing\"}]}}"));
                SimulatedProvider openai = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Fleet fleet = severalProviders(house, groq, openai);
                var _ = worker("providers.yml", fleet)) {
            fleet.send(
                    List.of(
                            "{\"custom_id\":\"home\",\"body\":{\"model\":\"small\",\"messages\":[]}}",
                            "{\"custom_id\":\"private\",\"body\":{\"model\":\"small\",\"messages\":[]},\"gantry\":{\"classification\":{\"level\":\"restricted\"},\"routing\":{\"tier\":\"frontier\"}}}",
                            "{\"custom_id\":\"large\",\"body\":{\"model\":\"large\",\"messages\":[]}}"));

            Map<String, JsonNode> results = results(fleet, 3);

            assertThat(lane(results, "home")).get().asString().startsWith("local:house:");
            assertThat(lane(results, "private")).get().asString().startsWith("local:house:");
            assertThat(lane(results, "large"))
                    .hasValue("frontier:openai:main:inference:gpt-5-mini");
            JsonNode large = Objects.requireNonNull(results.get("large"));
            assertThat(large.at("/gantry/cost_state").asString()).isEqualTo("final");
            assertThat(large.at("/gantry/attempts/0/error/kind").asString()).isEqualTo("billing");
            // One account: the second key was not even tried.
            assertThat(groq.ledger().calls()).hasSize(1);
        }
    }

    private static Fleet severalProviders(
            SimulatedProvider house, SimulatedProvider groq, SimulatedProvider openai) {
        String providers = "gantry.providers.";
        Fleet fleet = Fleet.create();
        for (String instance : List.of("a", "b")) {
            fleet.with(
                    providers + "house.instances." + instance + ".base-url",
                    house.baseUrl().toString());
        }
        for (String instance : List.of("one", "two")) {
            fleet.with(
                    providers + "groq.instances." + instance + ".base-url",
                    groq.baseUrl().toString());
        }
        return fleet.with(providers + "openai.instances.main.base-url", openai.baseUrl().toString())
                .with("OPENAI_API_KEY", "sk-a")
                .with("GROQ_API_KEY", "gsk-one")
                .with("GROQ_API_KEY_2", "gsk-two")
                .with("GANTRY_AUDIT_HASH_KEY", "hash");
    }

    @Test
    void theQuickstartsFileHasALaneForEachOfItsModels() throws Exception {
        try (SimulatedProvider all = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Fleet fleet = severalDialects(all);
                var _ = worker("quickstart.yml", fleet)) {
            fleet.send(
                    List.of(
                            "{\"custom_id\":\"small\",\"body\":{\"model\":\"small\",\"messages\":[]}}",
                            "{\"custom_id\":\"home\",\"body\":{\"model\":\"small\",\"messages\":[]},\"gantry\":{\"classification\":{\"contains_pii\":true}}}",
                            "{\"custom_id\":\"embed\",\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"text-embedding-3-small\",\"input\":\"a\"}}"));

            Map<String, JsonNode> results = results(fleet, 3);

            assertThat(lane(results, "small"))
                    .hasValue("frontier:openai:main:inference:gpt-5-mini");
            assertThat(lane(results, "home")).get().asString().startsWith("local:house:a:");
            assertThat(lane(results, "embed"))
                    .hasValue("frontier:openai:main:embedding:text-embedding-3-small");
        }
    }

    /** Each refuses in its own form, and the answer is in OpenAI's. */
    @Test
    void oneChainLeadsAcrossDialects() throws Exception {
        Script script =
                Script.parse(
                        """
                        {"models": {
                          "gpt-5.6-luna": {"faults": [{"fault": "billing"}]},
                          "claude-sonnet-5-5": {"faults": [{"fault": "overloaded"}]},
                          "gemini-3.5-flash-lite": {"faults": [{"fault": "server"}]}}}
                        """);
        try (SimulatedProvider all = SimulatedProvider.start(script);
                Fleet fleet = severalDialects(all);
                var _ = worker("dialects.yml", fleet)) {
            fleet.send(
                    List.of(
                            "{\"custom_id\":\"job\",\"body\":{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]},\"gantry\":{\"routing\":{\"policy\":\"across\"}}}"));

            Map<String, JsonNode> results = results(fleet, 1);

            assertThat(lane(results, "job")).hasValue("local:house:a:inference:qwen3-30b");
            JsonNode job = Objects.requireNonNull(results.get("job"));
            assertThat(job.at("/gantry/attempts"))
                    .extracting(
                            each ->
                                    each.at("/label").asString()
                                            + " "
                                            + each.at("/error/kind").asString())
                    .containsExactly(
                            "openai:gpt-5.6-luna billing",
                            "anthropic:claude-sonnet-5-5 overloaded",
                            "gemini:gemini-3.5-flash-lite server",
                            "house:qwen3-30b ");
            assertThat(job.at("/response/body/object").asString()).isEqualTo("chat.completion");
        }
    }

    private static Fleet severalDialects(SimulatedProvider all) {
        Map<String, String> paths =
                Map.of(
                        "openai.instances.main", "/v1",
                        "anthropic.instances.main", "/v1",
                        "gemini.instances.main", "/v1beta",
                        "house.instances.a", "/v1");
        Fleet fleet = Fleet.create();
        paths.forEach(
                (instance, path) ->
                        fleet.with(
                                "gantry.providers." + instance + ".base-url",
                                all.address().resolve(path).toString()));
        return fleet.with("OPENAI_API_KEY", "sk-a")
                .with("ANTHROPIC_API_KEY", "sk-ant-a")
                .with("GEMINI_API_KEY", "AIza-a");
    }

    /** The broker wants TLS and a password, and all secrets come from files. */
    @Test
    void onKubernetesSecretsComeFromFiles() throws Exception {
        Script script = Script.of(Behaviour.FAULTLESS).accepting("sk-from-a-file");
        Path prices =
                Files.writeString(
                        folder.resolve("prices.json"),
                        "{\"gpt-5-mini\":{\"litellm_provider\":\"openai\",\"input_cost_per_token\":2.5e-07,\"output_cost_per_token\":2e-06}}");
        try (SecuredBroker broker = SecuredBroker.start(folder, "gantry", "kafka-password");
                SimulatedProvider openai = SimulatedProvider.start(script);
                Fleet fleet = Fleet.createOn(broker.plainAddress())) {
            topics(fleet);
            fleet.with("spring.kafka.bootstrap-servers", broker.address())
                    .with(
                            "spring.ssl.bundle.pem.broker.truststore.certificate",
                            broker.certificate().toUri().toString())
                    .with("gantry.database.listen-url", fleet.property("spring.datasource.url"))
                    .with(
                            "gantry.providers.openai.instances.main.base-url",
                            openai.baseUrl().toString())
                    .with("gantry.providers.openai.proxy", "")
                    .with("gantry.pricing.catalog", prices.toString())
                    .with("SECRETS", secrets(fleet).toString());
            try (var _ = worker("kubernetes.yml", fleet, "spring.datasource.password")) {
                fleet.send(
                        List.of(
                                "{\"custom_id\":\"job\",\"body\":{\"model\":\"gpt-5-mini\",\"messages\":[]}}"));

                JsonNode result = Objects.requireNonNull(results(fleet, 1).get("job"));

                assertThat(result.at("/response/status_code").asInt()).isEqualTo(200);
                assertThat(result.at("/gantry/cost_state").asString()).isEqualTo("final");
            }
            aWrongPasswordIsNamed(broker, openai);
        }
    }

    /** Once, by the worker, where the clients would say it several times a second. */
    private static void aWrongPasswordIsNamed(SecuredBroker broker, SimulatedProvider provider)
            throws Exception {
        String login =
                "org.apache.kafka.common.security.scram.ScramLoginModule required"
                        + " username=\"gantry\" password=\"a-wrong-one\";";
        try (Fleet fleet = Fleet.createOn(broker.plainAddress())) {
            fleet.provider("one", "cloud", provider.baseUrl(), "model")
                    .with("logging.config", "classpath:logback-shipped.xml")
                    .with("spring.kafka.bootstrap-servers", broker.address())
                    .with("spring.kafka.security.protocol", "SASL_SSL")
                    .with("spring.kafka.ssl.bundle", "broker")
                    .with(
                            "spring.ssl.bundle.pem.broker.truststore.certificate",
                            broker.certificate().toUri().toString())
                    .with("spring.kafka.properties.sasl.mechanism", "SCRAM-SHA-512")
                    .with("spring.kafka.properties.sasl.jaas.config", login);
            try (WorkerProcess worker = fleet.startWorker("wrong-password")) {
                // A busy machine may have it wait for an answer, or the database, before that.
                Await.until(
                        "it is said",
                        () ->
                                worker.complaints()
                                        .anyMatch(line -> line.contains("Authentication failed")));
                assertThat(worker.complaints())
                        .allMatch(line -> line.contains(" waiting for the "));
                assertThat(worker.output()).doesNotContain("a-wrong-one");
            }
        }
    }

    private Path secrets(Fleet fleet) throws IOException {
        Path secrets = Files.createDirectory(folder.resolve("secrets"));
        Map<String, String> files =
                Map.of(
                        "spring.datasource.password",
                        fleet.property("spring.datasource.password"),
                        "kafka.username",
                        "gantry",
                        "kafka.password",
                        "kafka-password",
                        "gantry.operator.token",
                        "operator-token",
                        "gantry.audit.hash-key",
                        "hash",
                        "openai-api-key",
                        "sk-from-a-file");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(secrets.resolve(file.getKey()), file.getValue() + "\n");
        }
        return secrets;
    }

    /** With this example they are not the workers' to make. */
    private static void topics(Fleet fleet) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (String key : Fleet.TOPICS) {
            topics.add(new NewTopic(fleet.topic(key), Optional.of(2), Optional.empty()));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", fleet.bootstrapServers()))) {
            Topic.make(admin, topics);
        }
    }

    /**
     * Starts a worker in this process.
     *
     * @param without properties of the fleet that the example is to say itself
     */
    private static ConfigurableApplicationContext worker(
            String example, Fleet fleet, String... without) {
        List<String> arguments = new ArrayList<>(Arrays.asList(fleet.arguments()));
        for (String property : without) {
            arguments.removeIf(each -> each.startsWith("--" + property + "="));
        }
        arguments.add("--spring.config.additional-location=" + EXAMPLES.resolve(example));
        return Commands.startWorker(arguments);
    }

    private static Map<String, JsonNode> results(Fleet fleet, int count) {
        Map<String, JsonNode> results = new HashMap<>();
        try (TopicReader reader = fleet.read("results")) {
            reader.until(count + " results", seen -> seen.size() >= count)
                    .forEach(
                            each -> {
                                JsonNode result = JSON.readTree(each.value());
                                results.put(result.at("/custom_id").asString(), result);
                            });
        }
        return results;
    }

    /** Of those that succeeded. */
    private static Optional<String> lane(Map<String, JsonNode> results, String request) {
        return Optional.ofNullable(results.get(request))
                .filter(each -> each.at("/gantry/outcome").asString().equals("succeeded"))
                .map(each -> each.at("/gantry/lane").asString());
    }
}
