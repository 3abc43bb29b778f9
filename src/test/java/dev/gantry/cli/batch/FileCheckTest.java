package dev.gantry.cli.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.Fingerprints;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

class FileCheckTest {
    private static final BatchId BATCH = new BatchId("b-1");

    @TempDir Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {"custom_id":"a"                                | is not JSON
                    ["a"]                                           | is not a JSON object
                    {"custom_id":"a"} {"custom_id":"b"}             | holds more than one JSON object
                    {"body":{"custom_id":"a"}}                      | has no custom_id; it is required
                    {"custom_id":7}                                 | custom_id is not text
                    {"custom_id":""}                                | custom_id "" is not allowed: allowed are 1 to 512 printable
                    {"custom_id":"a\\u0007b"}                       | custom_id "a\\u0007b" is not allowed
                    {"custom_id":"a","custom_id":"b"}               | has custom_id twice
                    {"custom_id":"a","gantry":[]}                   | gantry is not an object
                    {"custom_id":"a","gantry":{"batch_id":1}}       | gantry.batch_id is not text
                    {"custom_id":"a","body":{},"gantry":{"batch_id":"other"}} | has gantry.batch_id "other" and would be answered under it, not under "b-1"
                    {"custom_id":"a","url":"/v1/chats"}             | url "/v1/chats" is not
                    {"custom_id":"a"}                               | body: missing; an object
                    {"custom_id":"a","method":"GET","body":{}}      | method: GET is not POST
                    {"custom_id":"a","body":{"stream":1}}           | body.stream: 1 is not true or false
                    {"custom_id":"a","body":{},"gantry":{"policy":"p"}} | gantry.policy: unknown member; known are
                    {"custom_id":"a","body":{},"gantry":{"routing":{"policy":{"chain":["x"]}}}} | gantry.routing.policy.chain[0]: provider and model are required
                    """)
    void namesWhatIsWrongWithALine(String line, String problem) throws IOException {
        FileCheck.Report report = check("{\"custom_id\":\"good\",\"body\":{}}\n\n" + line + "\n");

        assertThat(report.problems())
                .singleElement()
                .asString()
                .contains("batch.jsonl, line 3: " + problem);
        assertThat(report.problemCount()).isEqualTo(1);
    }

    @Test
    void acceptsAFileAsEditorsWriteIt() throws IOException {
        FileCheck.Report report =
                check(
                        "\uFEFF{\"custom_id\":\"a\",\"body\":{}}\r\n \r\n"
                                + "{\"custom_id\":\"b\",\"body\":{},\"gantry\":null}");

        assertThat(report.problems()).isEmpty();
        assertThat(report.expectedIds().size()).isEqualTo(2);
    }

    @Test
    void namesTenDuplicatesAndCountsAll() throws IOException {
        String ids =
                IntStream.range(0, 60)
                        .mapToObj(i -> "{\"custom_id\":\"r-%d\",\"body\":{}}\n".formatted(i % 20))
                        .reduce("", String::concat);

        FileCheck.Report report = check(ids);

        assertThat(report.problemCount()).isEqualTo(40);
        assertThat(report.problems())
                .hasSize(10)
                .last()
                .asString()
                .contains("line 30: custom_id \"r-9\" is already on line 10");
    }

    @Test
    void leavesToTheWorkersWhatTheirConfigurationKnows() throws IOException {
        FileCheck.Report report =
                check(
                        "{\"custom_id\":\"a\",\"body\":{\"model\":\"nosuch\"},\"gantry\":{\"deadline\":"
                                + "\"2020-01-01T00:00:00Z\",\"routing\":{\"policy\":\"nosuch\"}}}");

        assertThat(report.problems()).isEmpty();
    }

    @Test
    void readsStandardInputTwiceAndLeavesNothingBehind() throws IOException {
        byte[] text =
                "{\"custom_id\":\"a\",\"body\":{}}\n".repeat(2).getBytes(StandardCharsets.UTF_8);

        try (BatchFile file = BatchFile.spool(new ByteArrayInputStream(text))) {
            FileCheck.Report report = new FileCheck(file, BATCH, new StopSignal()).run();

            assertThat(report.problems())
                    .containsExactly(
                            "standard input, line 2: custom_id \"a\" is already on line 1;"
                                    + " each must be unique");
        }
    }

    @Test
    void keepsLinesLongerThanItsBuffer() throws IOException {
        String text = "é".repeat(100_000);
        Path file = folder.resolve("long.jsonl");
        Files.writeString(file, text + "\n" + text);

        try (LineReader reader = BatchFile.of(file).open()) {
            LineReader.Line first = reader.next();
            LineReader.Line second = reader.next();

            assertThat(first).isNotNull();
            assertThat(first.bytes()).asString(StandardCharsets.UTF_8).isEqualTo(text);
            assertThat(second).isNotNull();
            assertThat(second.bytes()).asString(StandardCharsets.UTF_8).isEqualTo(text);
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void keepsMillionsOfIdsApart() {
        var ids = new Fingerprints();

        long fresh = IntStream.range(0, 300_000).filter(i -> ids.add("r-" + i)).count();
        long again = IntStream.range(0, 300_000).filter(i -> ids.add("r-" + i)).count();

        assertThat(fresh).isEqualTo(300_000);
        assertThat(again).isZero();
        assertThat(ids.contains("r-299999")).isTrue();
        assertThat(ids.contains("r-300000")).isFalse();
    }

    private FileCheck.Report check(String text) throws IOException {
        Path file = folder.resolve("batch.jsonl");
        Files.writeString(file, text);
        return new FileCheck(BatchFile.of(file), BATCH, new StopSignal()).run();
    }
}
