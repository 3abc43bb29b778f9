package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Chance;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;

class ControlDeskTest {
    private final SimulatedProvider provider;
    @AutoClose private final ApiClient client;

    ControlDeskTest() throws IOException {
        provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS).seeded(42));
        client = new ApiClient(provider);
    }

    @Test
    void givesTheLedgerAsJsonLines() throws Exception {
        for (int i = 0; i < 1000; i++) {
            client.ask("m", "X-Client-Request-Id", "run~" + i);
        }

        List<String> lines = client.get("/_simulator/ledger").body().lines().toList();

        JsonNode last = JsonMapper.shared().readTree(lines.getLast());
        assertThat(lines).hasSize(1000);
        assertThat(last.get("attempt_id").stringValue()).isEqualTo("run~999");
        assertThat(last.get("disposition").stringValue()).isEqualTo("answered");
        assertThat(last.get("billed").booleanValue()).isTrue();
        assertThat(last.get("output_tokens").intValue()).isPositive();
    }

    @Test
    void sumsUp() throws Exception {
        client.ask("m");
        client.post("/v1/chat/completions", "nothing");

        JsonNode summary = ApiClient.json(client.get("/_simulator/summary"));

        assertThat(summary.get("seed").longValue()).isEqualTo(42);
        assertThat(summary.get("calls").longValue()).isEqualTo(2);
        assertThat(summary.get("billed").longValue()).isEqualTo(1);
        assertThat(summary.at("/dispositions/rejected").longValue()).isEqualTo(1);
        assertThat(summary.at("/statuses/400").longValue()).isEqualTo(1);
        assertThat(summary.at("/models/m/dispositions/answered").longValue()).isEqualTo(1);
    }

    @Test
    void replacesTheScript() throws Exception {
        HttpResponse<String> set =
                client.post(
                        "/_simulator/script",
                        "{\"default\":{\"faults\":[{\"fault\":\"server\"}]}}");

        assertThat(set.statusCode()).isEqualTo(200);
        assertThat(client.ask("m").statusCode()).isEqualTo(500);
    }

    @Test
    void saysWhatIsWrongWithAScriptAndKeepsTheOldOne() throws Exception {
        HttpResponse<String> set = client.post("/_simulator/script", "{\"modles\":{}}");

        assertThat(set.statusCode()).isEqualTo(400);
        assertThat(set.body()).contains("script.modles is not known; allowed: seed");
        assertThat(client.ask("m").statusCode()).isEqualTo(200);
    }

    @Test
    void listsWhatItIsToldAsEachProviderDoes() throws Exception {
        HttpResponse<String> told = client.post("/_simulator/models", "[\"llama3:latest\"]");

        HttpResponse<String> wrong = client.post("/_simulator/models", "{\"a\":1}");

        assertThat(told.body()).isEqualTo(client.get("/v1/models").body());
        assertThat(ApiClient.json(told).at("/data/0/id").asString()).isEqualTo("llama3:latest");
        assertThat(ApiClient.json(client.get("/api/tags")).at("/models/0/name").asString())
                .isEqualTo("llama3:latest");
        assertThat(ApiClient.json(client.get("/v1beta/models")).at("/models/0/name").asString())
                .isEqualTo("models/llama3:latest");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("allowed is a JSON array of names");
        provider.script(Script.of(Behaviour.FAULTLESS).model("m", Behaviour.FAULTLESS));
        assertThat(ApiClient.json(client.get("/v1/models")).at("/data").findValuesAsString("id"))
                .as("until another script is played")
                .containsExactly("m");
    }

    @Test
    void startsAnewOnReset() throws Exception {
        Chance once = Chance.first(1, Fault.refuse(Refusal.SERVER));
        provider.script(Script.of(Behaviour.FAULTLESS.with(once)));
        int first = client.ask("m").statusCode();
        int second = client.ask("m").statusCode();

        client.post("/_simulator/reset", "");

        assertThat(provider.ledger().calls()).isEmpty();
        assertThat(client.ask("m").statusCode()).isEqualTo(first).isNotEqualTo(second);
    }

    @Test
    void namesWhatItKnows() throws Exception {
        HttpResponse<String> response = client.get("/_simulator/nothing");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body())
                .contains("GET ledger, GET summary, POST script, POST models, POST reset");
    }
}
