package dev.gantry.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.operation.Operations;
import dev.gantry.provider.Calls;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Random bodies through random adaptations, against a plain rewriting of the parsed tree. */
class RandomBodyTest {
    private static final int ROUNDS = 3_000;
    private static final List<String> LIMITS =
            List.of("max_completion_tokens", "max_output_tokens", "max_tokens");
    private static final List<String> NAMES =
            List.of(
                    "model",
                    "stream",
                    "stream_options",
                    "max_completion_tokens",
                    "max_tokens",
                    "max_output_tokens",
                    "messages",
                    "temperature",
                    "seed",
                    "user",
                    "täg",
                    "x\\n");
    private static final List<String> VALUES =
            List.of(
                    "1",
                    "1.0",
                    "-0.10e+5",
                    "\"m\"",
                    "\"a,b}\\\"]\"",
                    "[]",
                    "{}",
                    "null",
                    "true",
                    "[1, {\"stream\" : true} ]",
                    "{ \"model\":\"inner\" }",
                    "\"\\ud83d\\ude00 é\"",
                    "12345678901234567890123");
    private static final List<String> SPACES = List.of("", "", " ", "\n  ", "\t");

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final JsonMapper mapper = new JsonMapper();

    @Test
    void everyBodyComesOutAsTheRulesSayAndOtherwiseByteForByte() throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            String json = object();
            Adaptation adaptation = adaptation();
            String about = "seed %d round %d: %s with %s".formatted(seed, round, json, adaptation);

            RequestBody body = Calls.body(json);
            Operation operation = any(List.of(Operations.CHAT, Operations.EMBEDDINGS));
            String sent = OutboundBodyTest.text(OutboundBody.of(body, operation, adaptation));

            assertThat((Object) mapper.readTree(sent))
                    .as(about)
                    .isEqualTo(expected(json, operation, adaptation));
            assertThat(untouched(Calls.body(sent)))
                    .as(about)
                    .isEqualTo(untouched(body, adaptation));
        }
    }

    private ObjectNode expected(String json, Operation operation, Adaptation adaptation) {
        ObjectNode tree = (ObjectNode) mapper.readTree(json);
        OutputLimit limit = adaptation.outputLimit();
        if (limit != null) {
            tree.remove(LIMITS);
        }
        tree.remove(adaptation.dropped());
        tree.remove(List.of("stream", "stream_options"));
        tree.put("model", adaptation.model());
        if (operation.equals(Operations.CHAT) && !adaptation.dropped().contains("stream")) {
            tree.put("stream", false);
        }
        if (limit != null && !adaptation.dropped().contains(limit.field())) {
            tree.set(limit.field(), mapper.readTree(Long.toString(limit.tokens())));
        }
        return tree;
    }

    /** Text of the members that no rule speaks of, in order. */
    private static List<String> untouched(RequestBody body) {
        return texts(body, Set.of());
    }

    private static List<String> untouched(RequestBody body, Adaptation adaptation) {
        return texts(body, Set.copyOf(adaptation.dropped()));
    }

    private static List<String> texts(RequestBody body, Set<String> dropped) {
        Set<String> free = Set.of("messages", "temperature", "seed", "user", "täg", "x\n");
        return body.members().stream()
                .filter(each -> free.contains(each.name()) && !dropped.contains(each.name()))
                .map(
                        each ->
                                new String(
                                        body.bytes(),
                                        each.nameStart(),
                                        each.valueEnd() - each.nameStart(),
                                        StandardCharsets.UTF_8))
                .toList();
    }

    private String object() {
        List<String> names = new ArrayList<>(NAMES);
        Collections.shuffle(names, random);
        List<String> members = new ArrayList<>();
        for (String name : names.subList(0, random.nextInt(NAMES.size() + 1))) {
            members.add(
                    any(SPACES)
                            + '"'
                            + name
                            + '"'
                            + any(SPACES)
                            + ":"
                            + any(SPACES)
                            + any(VALUES)
                            + any(SPACES));
        }
        return "{" + String.join(",", members) + any(SPACES) + "}";
    }

    private Adaptation adaptation() {
        OutputLimit limit =
                random.nextBoolean() ? null : new OutputLimit(any(LIMITS), random.nextInt(3));
        List<String> dropped = new ArrayList<>();
        while (random.nextInt(3) > 0) {
            dropped.add(
                    any(List.of("temperature", "seed", "user", "max_tokens", "stream", "absent")));
        }
        return new Adaptation("m", limit, dropped);
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
