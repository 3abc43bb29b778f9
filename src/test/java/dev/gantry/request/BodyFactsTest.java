package dev.gantry.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Capability;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.operation.Operations;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;

/** What routing learns of bodies as callers really write them. */
class BodyFactsTest {
    private static final String BASE64 = "iVBORw0KGgoAAAANSUhEUgAA".repeat(4000);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"max_tokens\":-1",
                "\"max_completion_tokens\":-1",
                "\"max_output_tokens\":null"
            })
    void aLimitThatIsNoneIsNone(String member) {
        assertThat(facts(member).requestedOutputTokens()).isNull();
    }

    @Test
    void namesTheFormsThatNotEveryProtocolHas() {
        String messages =
                """
                "messages":[{"role":"user","content":[{"type":"text","text":"type"},
                 {"type":"input_audio","input_audio":{}},{"type":"image_url","image_url":{"url":"http://h"}}]},
                 {"role":"assistant","tool_calls":[{"type":"custom"}]}],
                "tools":[{"type":"function","function":{"parameters":{"type":"object","properties":
                 {"type":{"type":"string"}}}}},{"type":"web_search"},7]
                """;

        assertThat(facts(messages).forms())
                .containsExactlyInAnyOrder("input_audio", "custom", "web_search");
        assertThat(facts("\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]").forms()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"reasoning\":{\"enabled\":false}",
                "\"reasoning\":{\"effort\":\"none\"}",
                "\"reasoning\":{\"effort\":null,\"summary\":null}",
                "\"reasoning\":{\"max_tokens\":0}",
                "\"reasoning\":\"off\"",
                "\"reasoning_effort\":\"None\"",
                "\"thinking\":{\"type\":\"disabled\"}",
                "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":0}",
                "\"thinking\":false",
                "\"max_thinking_tokens\":0"
            })
    void thinkingThatIsOffIsNotNeeded(String member) {
        assertThat(facts(member).needs()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"reasoning\":{\"enabled\":true}",
                "\"reasoning\":{\"effort\":\"low\"}",
                "\"reasoning_effort\":\"minimal\"",
                "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}",
                "\"thinking\":true",
                "\"max_thinking_tokens\":512"
            })
    void thinkingThatIsAskedForIsNeeded(String member) {
        assertThat(facts(member).needs()).containsExactly(Capability.THINKING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"image\",\"image\":\"data:image/png;base64,@\"}",
                "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,@\"}}",
                "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"@\",\"format\":\"wav\"}}",
                "{\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"@\"}}",
                "{\"type\":\"file\",\"file\":{\"file_data\":\"@\",\"filename\":\"a.pdf\"}}",
                "{\"type\":\"document\",\"bytes\":\"@\"}",
                "{\"type\":\"text\",\"text\":\"data:application/pdf;base64,@\"}"
            })
    void mediaIsNotText(String block) {
        RequestBody.Facts facts =
                facts(
                        "\"messages\":[{\"role\":\"user\",\"content\":[@]}]"
                                .replace("@", block)
                                .replace("@", BASE64));

        assertThat(facts.estimatedInputTokens()).isLessThan(100);
        assertThat(facts.mediaElsewhere()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"source\":{\"type\":\"base64\",\"data\":\"QUJD\"}}",
                "{\"image\":\"data:image/png;base64,QUJD\"}",
                "{\"type\":\"input_image\",\"file_id\":\"file-1\"}"
            })
    void aPictureNeedsVision(String block) {
        assertThat(facts("\"messages\":[{\"content\":[@]}]".replace("@", block)).needs())
                .containsExactly(Capability.VISION);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://h/a.png\"}}",
                "{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}",
                "{\"type\":\"input_file\",\"file_url\":\"https://h/a.pdf\"}"
            })
    void mediaByReferenceIsNoted(String block) {
        assertThat(facts("\"messages\":[{\"content\":[@]}]".replace("@", block)).mediaElsewhere())
                .isTrue();
    }

    @Test
    void longWordsAndNumbersAreText() {
        String text = "0123456789".repeat(100) + "lower".repeat(100);

        assertThat(
                        facts("\"messages\":[{\"content\":\"@\"}]".replace("@", text))
                                .estimatedInputTokens())
                .isGreaterThan(300);
    }

    @Test
    void aSchemaCounts() {
        String schema =
                "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"d\":\"@\"}}}"
                        .replace("@", "word ".repeat(1400));

        assertThat(facts(schema).estimatedInputTokens()).isGreaterThan(1900);
    }

    @Test
    void aResponsesRequestNeedsWhatItsItemsAndToolsNeed() {
        var facts =
                facts(
                        Operations.RESPONSES,
                        """
                        "instructions":"12345678","max_output_tokens":70,"max_tokens":5,
                        "input":[{"role":"user","content":[{"type":"input_text","text":"1234"},
                        {"type":"input_image","file_id":"f"}]},{"type":"item_reference","id":"1234"}],
                        "tools":[{"type":"web_search"}],"reasoning":{"effort":"low"}""");

        assertThat(facts.needs())
                .containsExactlyInAnyOrder(
                        Capability.TOOLS, Capability.VISION, Capability.THINKING);
        assertThat(facts.estimatedInputTokens()).isEqualTo(4 + 7);
        assertThat(facts.requestedOutputTokens()).isEqualTo(70);
        assertThat(facts.mediaElsewhere()).isTrue();
        assertThat(facts.forms())
                .containsExactlyInAnyOrder(
                        "input_text", "input_image", "file_id", "item_reference", "web_search");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"previous_response_id\":\"r\"",
                "\"conversation\":{\"id\":\"c\"}",
                "\"prompt\":{\"id\":\"p\"}",
                "\"input\":[{\"type\":\"item_reference\",\"id\":\"i\"}]"
            })
    void whatTheProviderRemembersIsReadWithTheRest(String member) {
        assertThat(facts(Operations.RESPONSES, member).mediaElsewhere()).isTrue();
        assertThat(facts(Operations.RESPONSES, "\"conversation\":null").mediaElsewhere()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    "prompt":"four"                               | 1  | 1
                    "prompt":"four","suffix":"end."               | 2  | 1
                    "prompt":["four","five5"]                     | 3  | 2
                    "prompt":[1,2,3]                              | 3  | 1
                    "prompt":[[1,2,3],[4]]                        | 4  | 2
                    "prompt":["four",[1,2]],"n":3                 | 3  | 6
                    "prompt":"four","n":2,"best_of":5             | 1  | 5
                    "best_of":5,"n":2,"prompt":["four","five"]    | 2  | 10
                    "prompt":[],"n":2                             | 1  | 2
                    "prompt":null                                 | 1  | 1
                    "prompt":true                                 | 1  | 1
                    "prompt":{"a":["four",[{"b":7}]]}             | 2  | 1
                    "messages":"a note","prompt":"four"           | 1  | 1
                    """)
    void eachPromptIsAnsweredAsOftenAsItIsAskedFor(String members, long input, long choices) {
        RequestBody.Facts facts = facts(Operations.COMPLETIONS, members);

        assertThat(facts.estimatedInputTokens()).isEqualTo(input);
        assertThat(facts.choices()).isEqualTo(choices);
    }

    /** OpenAI embeds 2,048 texts at once, each of up to its model's window. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ["four",["a"],"sixteen letters!"]    | 6 | 5
                    ["sixteen letters!"]                 | 4 | 4
                    [[1,2,3],[4],"four"]                 | 5 | 3
                    [1,2,3]                              | 3 | 3
                    "sixteen letters!"                   | 4 | 4
                    [{"text":"four"},{"text":"five"}]    | 2 | 2
                    []                                   | 1 | 1
                    """)
    void theWindowNeedHoldTheLongestOfManyTexts(String input, long all, long longest) {
        RequestBody.Facts facts = facts(Operations.EMBEDDINGS, "\"input\":" + input);

        assertThat(facts.estimatedInputTokens()).isEqualTo(all);
        assertThat(facts.longestInputTokens()).isEqualTo(longest);
        assertThat(facts.choices()).isOne();
    }

    @Test
    void moreChoicesThanCanBeCountedAreTheMostThereIs() {
        String prompts = "\"prompt\":[" + "\"a\",".repeat(1000) + "\"a\"],\"n\":9999999999999999";

        assertThat(facts(Operations.COMPLETIONS, prompts).choices()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aLimitOfCompletionsHasOneName() {
        String members = "\"prompt\":\"x\",\"max_completion_tokens\":9,\"max_tokens\":7";

        assertThat(facts(Operations.COMPLETIONS, members).requestedOutputTokens()).isEqualTo(7);
        assertThat(facts(Operations.COMPLETIONS, members).limitField()).isEqualTo("max_tokens");
        assertThat(facts(members).requestedOutputTokens()).isEqualTo(9);
        assertThat(facts(members).limitField()).isNull();
    }

    @Test
    void aPictureToBeJudgedNeedsVision() {
        String members =
                """
                "input":[{"type":"text","text":"four"},
                 {"type":"image_url","image_url":{"url":"data:image/png;base64,@"}}]
                """
                        .replace("@", BASE64);

        RequestBody.Facts facts = facts(Operations.MODERATIONS, members);

        assertThat(facts.needs()).containsExactly(Capability.VISION);
        assertThat(facts.estimatedInputTokens()).isOne();
        assertThat(facts(Operations.MODERATIONS, "\"input\":[\"four\",\"five\"]").needs())
                .isEmpty();
    }

    private static RequestBody.Facts facts(String members) {
        return facts(Operations.CHAT, members);
    }

    private static RequestBody.Facts facts(Operation operation, String members) {
        byte[] bytes = ("{" + members + "}").getBytes(StandardCharsets.UTF_8);
        JsonText json = new JsonText(bytes);
        json.parser().nextToken();
        return new BodyReader(operation, json, bytes).read().facts();
    }
}
