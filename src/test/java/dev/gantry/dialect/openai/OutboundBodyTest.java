package dev.gantry.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.Chats;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.operation.Operations;
import dev.gantry.provider.Calls;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

class OutboundBodyTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                      | {"model":"m"}
                    { }                                     | { "model":"m"}
                    {"a":1}                                 | {"a":1,"model":"m"}
                    { "a" : 1 }                             | { "a" : 1,"model":"m" }
                    {"model":"x"}                           | {"model":"m"}
                    {"model" : null , "a":1}                | {"model" : "m" , "a":1}
                    {"stream":true}                         | {"model":"m"}
                    {"stream":true,"model":"m"}             | {"model":"m"}
                    {"model":"m", "stream":true}            | {"model":"m"}
                    {"a":1.0, "stream":true ,"model":"m"}   | {"a":1.0 ,"model":"m"}
                    { "stream":true, "stream_options":{"include_usage":true}, "b":[1, 2]} | { "b":[1, 2],"model":"m"}
                    {"temperature":1e2,"model":"m","top_p":0.10} | {"model":"m","top_p":0.10}
                    """)
    void changesWhatTheLaneNeedsAndNoOtherByte(String before, String after) throws IOException {
        assertThat(sent(before, null, "temperature")).isEqualTo(after);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"model":"m"}                                           | {"model":"m","max_tokens":9}
                    {"max_tokens":9,"model":"m"}                            | {"max_tokens":9,"model":"m"}
                    {"max_tokens": 50 ,"model":"m"}                         | {"max_tokens":9 ,"model":"m"}
                    {"model":"m","max_completion_tokens":50}                | {"model":"m","max_tokens":9}
                    {"max_completion_tokens":50,"model":"m","max_tokens":9} | {"model":"m","max_tokens":9}
                    {"max_output_tokens":1,"max_completion_tokens":2,"model":"m"} | {"max_tokens":9,"model":"m"}
                    """)
    void writesOneOutputLimitUnderTheLanesField(String before, String after) throws IOException {
        assertThat(sent(before, new OutputLimit("max_tokens", 9))).isEqualTo(after);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"model":"m"}                         | {"model":"m","stream":false}
                    {}                                    | {"model":"m","stream":false}
                    {"stream" : false,"model":"m"}        | {"stream" : false,"model":"m"}
                    {"stream": true ,"model":"m"}         | {"stream":false ,"model":"m"}
                    {"model":"m","stream":null}           | {"model":"m","stream":false}
                    {"model":"m","stream":"yes","a":1}    | {"model":"m","stream":false,"a":1}
                    {"stream_options":{},"model":"m"}     | {"model":"m","stream":false}
                    """)
    void asksForAWholeAnswerWhereTheOperationCanBeStreamed(String before, String after)
            throws IOException {
        assertThat(sent(before, Operations.CHAT, null)).isEqualTo(after);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"model":"m", "seed" : 1.0e1 ,"x":2} | {"model":"m", "random_seed":1.0e1 ,"x":2}
                    {"seed":7,"model":"m"}               | {"random_seed":7,"model":"m"}
                    {"model":"m","seed":7,"random_seed":8} | {"model":"m","random_seed":8}
                    {"model":"m","x":"seed"}             | {"model":"m","x":"seed"}
                    """)
    void renamesAMemberAndKeepsItsValuesBytes(String before, String after) throws IOException {
        var out = new ByteArrayOutputStream();

        OutboundBody.of(
                        Calls.body(before),
                        Operations.EMBEDDINGS,
                        new Adaptation(
                                null,
                                "m",
                                null,
                                List.of(),
                                Map.of("seed", "random_seed"),
                                List.of()))
                .writeTo(out);

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(after);
    }

    @Test
    void aLaneThatRefusesStreamIsNotSentIt() throws IOException {
        assertThat(sent("{\"stream\":true,\"model\":\"m\"}", Operations.CHAT, null, "stream"))
                .isEqualTo("{\"model\":\"m\"}");
    }

    @Test
    void sendsNoLimitInAMemberThatTheLaneRefuses() throws IOException {
        String sent =
                sent(
                        "{\"model\":\"m\",\"max_completion_tokens\":5}",
                        new OutputLimit("max_tokens", 5),
                        "max_tokens");

        assertThat(sent).isEqualTo("{\"model\":\"m\"}");
    }

    @Test
    void leavesLimitsAloneWhereNoneIsSet() throws IOException {
        String body = "{\"model\":\"m\",\"max_tokens\":null}";

        assertThat(sent(body, null)).isEqualTo(body);
    }

    @Test
    void sendsAnUnchangedBodyAsTheCallersOwnBytes() {
        RequestBody body =
                Calls.body(
                        "{ \"model\":\"m\", \"stream\": false, \"max_tokens\":9, \"é\":\"\\u00e9\"}");

        OutboundBody outbound =
                OutboundBody.of(
                        body,
                        Operations.CHAT,
                        new Adaptation("m", new OutputLimit("max_tokens", 9), List.of("other")));

        assertThat(outbound.pieces()).isOne();
        assertThat(outbound.length()).isEqualTo(body.end() - body.start());
    }

    @Test
    void escapesAModelName() throws IOException {
        RequestBody body = Calls.body("{}");

        OutboundBody outbound =
                OutboundBody.of(
                        body, Operations.EMBEDDINGS, new Adaptation("a\"b\\c\né", null, List.of()));

        assertThat(text(outbound)).isEqualTo("{\"model\":\"a\\\"b\\\\c\\né\"}");
    }

    @Test
    void showsNoContent() {
        OutboundBody outbound =
                OutboundBody.of(
                        Calls.body("{\"messages\":\"private\"}"),
                        Operations.CHAT,
                        new Adaptation("m", null, List.of()));

        assertThat(outbound.toString()).doesNotContain("private");
    }

    @Test
    void aStreamedResponsesRequestIsNotAskedForItsUsage() throws IOException {
        String json = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"x\":1}}";
        RequestBody body = Chats.request(Operations.RESPONSES, json).body();

        OutboundBody outbound =
                OutboundBody.of(body, Operations.RESPONSES, new Adaptation("m", null, List.of()));

        assertThat(text(outbound)).isEqualTo(json);
    }

    @Test
    void aResponsesRequestStaysAsItIsButForItsModelAndLimit() throws IOException {
        String json =
                "{\"input\": [ {\"type\":\"item_reference\"} ],\"max_output_tokens\":900,"
                        + " \"model\" : \"ours\",\"previous_response_id\":\"r\"}";

        String sent = sent(json, Operations.RESPONSES, new OutputLimit("max_output_tokens", 512));

        assertThat(sent)
                .isEqualTo(
                        json.replace("900", "512")
                                .replace("ours", "m")
                                .replace("\"r\"}", "\"r\",\"stream\":false}"));
    }

    static String sent(String json, @Nullable OutputLimit limit, String... dropped)
            throws IOException {
        return sent(json, Operations.EMBEDDINGS, limit, dropped);
    }

    private static String sent(
            String json, Operation operation, @Nullable OutputLimit limit, String... dropped)
            throws IOException {
        return text(
                OutboundBody.of(
                        Calls.body(json), operation, new Adaptation("m", limit, List.of(dropped))));
    }

    static String text(OutboundBody body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        assertThat(body.length()).isEqualTo(out.size());
        return out.toString(StandardCharsets.UTF_8);
    }
}
