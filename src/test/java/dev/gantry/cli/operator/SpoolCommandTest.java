package dev.gantry.cli.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.cli.UsageException;
import dev.gantry.cli.batch.CommandRun;
import dev.gantry.outbox.SpoolAdmin;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.SpoolOffices;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What operators see of the spool on the command line, on the fleet's own tables. */
class SpoolCommandTest {
    private static final String WAITING =
            """
            insert into ${schema}.spool (topic, value, bytes, created_at)
            select 'gantry.' || case when each = 3 then 'audit' else 'results' end, 'x', 1000 * each,
                clock_timestamp() - make_interval(secs => 60 * each)
            from generate_series(1, 3) as each
            """;

    private static final String ASIDE =
            """
            insert into ${schema}.spool (topic, value, bytes, set_aside)
            values ('gantry.audit', 'x', 5000000, 'too large for its topic')
            """;

    private static final String KEPT =
            """
            insert into ${schema}.oversize_result (id, request_id, value, bytes)
            values ('batch_req_7', 'nightly/7', convert_to('{"grüße":"🙂"}', 'UTF8'), 17)
            """;

    @AutoClose private final OwnSchema database = new OwnSchema(3);
    private final SpoolAdmin desk =
            new SpoolAdmin(
                    database.pool(),
                    database.name(),
                    SpoolOffices.of(database.pool(), database.name()));

    @TempDir private Path folder;

    private void filled() throws InterruptedException {
        database.migrate();
        for (String each : List.of(WAITING, ASIDE, KEPT)) {
            database.sql(each).update();
        }
    }

    @Test
    void saysSoWhenTheSpoolIsEmpty() throws Exception {
        database.migrate();

        CommandRun shown = CommandRun.spool(desk);

        assertThat(shown.code()).isZero();
        assertThat(shown.out()).isEqualTo("The spool is empty.\n");
    }

    @Test
    void showsWhatWaitsWhatIsSetAsideAndWhatIsKept() throws Exception {
        filled();

        CommandRun shown = CommandRun.spool(desk);

        assertThat(shown.code()).isZero();
        assertThat(shown.out())
                .containsPattern("gantry.audit +1 +2.9 KiB +3m \\d+s")
                .containsPattern("gantry.results +2 +2.9 KiB +2m \\d+s")
                .containsPattern("all topics +3 +5.9 KiB +3m \\d+s")
                .containsPattern("4 +gantry.audit +4.8 MiB +\\d+s +too large for its topic")
                .containsPattern("batch_req_7 +nightly/7 +17 B +\\d+s");
    }

    @Test
    void theJsonListingHoldsEverythingTheTextDoes() throws Exception {
        filled();

        JsonNode page = JsonMapper.shared().readTree(CommandRun.spool(desk, "--json").out());

        assertThat(page.at("/records").asLong()).isEqualTo(3);
        assertThat(page.at("/bytes").asLong()).isEqualTo(6000);
        assertThat(page.at("/oldest_ms").asLong()).isBetween(180_000L, 240_000L);
        assertThat(page.at("/topics/1/topic").asString()).isEqualTo("gantry.results");
        assertThat(page.at("/topics/1/records").asLong()).isEqualTo(2);
        assertThat(page.at("/set_aside_count").asLong()).isEqualTo(1);
        assertThat(page.at("/set_aside/0/reason").asString()).isEqualTo("too large for its topic");
        assertThat(page.at("/kept/0/id").asString()).isEqualTo("batch_req_7");
        assertThat(page.at("/kept/0/request_id").asString()).isEqualTo("nightly/7");
        assertThat(page.at("/kept/0/bytes").asLong()).isEqualTo(17);
    }

    @Test
    void printsAKeptAnswerOrWritesItToAFile() throws Exception {
        filled();
        Path file = folder.resolve("answer.json");

        CommandRun printed = CommandRun.spool(desk, "show", "batch_req_7");
        CommandRun written = CommandRun.spool(desk, "show", "batch_req_7", "--out", file);
        CommandRun unknown = CommandRun.spool(desk, "show", "batch_req_8");

        assertThat(printed.out()).isEqualTo("{\"grüße\":\"🙂\"}\n");
        assertThat(written.code()).isZero();
        assertThat(Files.readString(file)).isEqualTo("{\"grüße\":\"🙂\"}");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("no answer is kept as batch_req_8");
    }

    @Test
    void aRecordSetAsideIsTriedAgainWhenAnOperatorSaysSo() throws Exception {
        filled();

        CommandRun waiting = CommandRun.spool(desk, "retry", 1);
        CommandRun aside = CommandRun.spool(desk, "retry", 4);
        CommandRun rest = CommandRun.spool(desk, "retry", "all");

        assertThat(waiting.code()).isEqualTo(2);
        assertThat(aside.code()).isZero();
        assertThat(rest.out()).isEqualTo("records to be tried again: 0\n");
        assertThat(desk.listing().asideCount()).isZero();
        assertThat(desk.listing().records()).isEqualTo(4);
    }

    @Test
    void aRecordSetAsideIsDroppedForAReason() throws Exception {
        filled();

        CommandRun waiting = CommandRun.spool(desk, "drop", 1, "--reason", "of no use");
        CommandRun dropped = CommandRun.spool(desk, "drop", 4, "--reason", "of no use");
        CommandRun again = CommandRun.spool(desk, "drop", 4, "--reason", "of no use");

        assertThat(dropped.code()).isZero();
        assertThat(dropped.out()).isEqualTo("record 4 of gantry.audit is dropped: 5000000 bytes\n");
        assertThat(dropped.err()).isEmpty();
        assertThat(List.of(waiting.code(), again.code())).containsOnly(2);
        assertThat(waiting.err()).isEqualTo("spool: no record is set aside as 1\n");
        assertThat(desk.listing().asideCount()).isZero();
        assertThat(desk.listing().records()).as("and the audit's record").isEqualTo(4);
    }

    @Test
    void theJsonOfADropSaysWhatIsGoneAndWhoDidIt() throws Exception {
        filled();

        CommandRun dropped =
                CommandRun.spool(
                        desk, "drop", 4, "--reason", " of no use ", "--actor", "jo", "--json");

        JsonNode said = JsonMapper.shared().readTree(dropped.out());
        assertThat(dropped.out()).hasLineCount(1);
        assertThat(said.propertyNames())
                .containsExactly(
                        "id", "action", "actor", "reason", "topic", "bytes", "age_ms", "set_aside");
        assertThat(said.at("/id").asLong()).isEqualTo(4);
        assertThat(said.at("/action").asString()).isEqualTo("drop");
        assertThat(said.at("/actor").asString()).isEqualTo("jo");
        assertThat(said.at("/reason").asString()).isEqualTo("of no use");
        assertThat(said.at("/topic").asString()).isEqualTo("gantry.audit");
        assertThat(said.at("/bytes").asLong()).isEqualTo(5_000_000);
        assertThat(said.at("/age_ms").asLong()).isBetween(0L, 60_000L);
        assertThat(said.at("/set_aside").asString()).isEqualTo("too large for its topic");
    }

    /** The rows were written past the counters. */
    @Test
    void aRecountSaysWhatTheCountersSaid() throws Exception {
        filled();

        CommandRun first = CommandRun.spool(desk, "recount");
        CommandRun second = CommandRun.spool(desk, "recount");

        assertThat(List.of(first.code(), second.code())).containsOnly(0);
        assertThat(first.out())
                .isEqualTo(
                        "4 records, 5006000 bytes; the counters said 0 records, 0 bytes and are"
                                + " right now\n");
        assertThat(second.out()).isEqualTo("4 records, 5006000 bytes; the counters were right\n");
    }

    @Test
    void theJsonOfARecountHoldsTheDrift() throws Exception {
        filled();

        CommandRun first = CommandRun.spool(desk, "recount", "--json");
        CommandRun second = CommandRun.spool(desk, "recount", "--json");

        assertThat(first.out())
                .isEqualTo(
                        "{\"records\":4,\"bytes\":5006000,"
                                + "\"missing_records\":4,\"missing_bytes\":5006000}\n");
        assertThat(second.out())
                .isEqualTo(
                        "{\"records\":4,\"bytes\":5006000,"
                                + "\"missing_records\":0,\"missing_bytes\":0}\n");
    }

    @Test
    void aSchemaWithoutTablesIsSaidInOneLine() {
        CommandRun shown = CommandRun.spool(desk);

        assertThat(shown.code()).isEqualTo(1);
        assertThat(shown.err()).contains("lacks Gantry's tables").hasLineCount(1);
    }

    @Test
    void whatItCannotObeyIsAUsageError() {
        for (String[] args :
                new String[][] {
                    {"drain"},
                    {"show"},
                    {"show", "a", "b"},
                    {"retry", "x"},
                    {"--out", "f"},
                    {"drop", "4"},
                    {"drop", "4", "--reason", " "},
                    {"drop", "4", "--reason", "a\nb"},
                    {"drop", "4", "--reason", "x".repeat(501)},
                    {"drop", "all", "--reason", "x"},
                    {"drop", "x", "--reason", "x"},
                    {"recount", "4"},
                    {"recount", "--reason", "x"},
                    {"retry", "4", "--json"}
                }) {
            assertThatThrownBy(() -> SpoolCommand.parse(List.of(args)))
                    .isInstanceOf(UsageException.class);
        }
    }
}
