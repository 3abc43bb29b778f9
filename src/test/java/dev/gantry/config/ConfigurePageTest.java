package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.inference.Capability;
import dev.gantry.secret.Secret;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page of all keys says what the binder does: each key, its type, its default, its range. */
class ConfigurePageTest {
    private static final Path PAGE = Path.of("src/docs/configure.md");
    private static final String NOTHING = "–";

    /** What a name in angle brackets stands for, so that a row's key can be set. */
    private static final Map<String, String> NAMES =
            Map.of(
                    "<provider>", "acme",
                    "<instance>", "main",
                    "<policy>", "p",
                    "<header>", "x-a",
                    "<tier>", "local",
                    "<priority>", "low",
                    "<member>", "priority",
                    "[]", "[0]");

    private static final Map<String, Object> LEAST =
            Map.of(
                    "gantry.providers.acme.tier", "local",
                    "gantry.providers.acme.auth", "none",
                    "gantry.providers.acme.instances.main.base-url", "http://localhost:1/v1",
                    "gantry.providers.acme.models[0].id", "m",
                    "gantry.request-topics[0].name", "r",
                    "gantry.policies.p.chain[0].provider", "acme",
                    "gantry.policies.p.chain[0].model", "m");

    /** What the page says of a key. */
    record Row(String key, String type, String byDefault, String allowed) {}

    /** What the binder knows of a key. */
    private record Bound(String type, String byDefault) {}

    @Test
    void hasEveryKeyThatIsBoundAndNoOther() {
        assertThat(rows().map(Row::key).sorted()).containsExactlyElementsOf(bound().keySet());
    }

    @Test
    void saysOfEachSectionWhetherAReloadTakesItsKeys() {
        String mark = "";
        int keys = 0;
        for (String line : lines().toList()) {
            if (line.startsWith("## ")) {
                mark = "";
            } else if (line.startsWith("*Taken by a [reload]")
                    || line.equals("*Needs a restart.*")) {
                mark = line;
            } else if (line.startsWith("- `gantry.")) {
                String key = line.substring(3, line.indexOf('`', 3));
                assertThat(mark).as(key).isNotEmpty();
                assertThat(mark.startsWith("*Taken")).as(key).isEqualTo(SettingsChange.live(key));
                keys++;
            }
        }
        assertThat(keys).isEqualTo(bound().size());
    }

    static Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        StringBuilder entry = new StringBuilder();
        for (String line : lines().toList()) {
            if (line.startsWith("- `gantry.") || !entry.isEmpty()) {
                entry.append(line.strip()).append(' ');
                if (line.endsWith(":") || line.endsWith(".")) {
                    rows.add(row(entry.toString().strip()));
                    entry.setLength(0);
                }
            }
        }
        return rows.stream();
    }

    /** Key, type, default and, mostly, what is allowed. */
    private static Row row(String entry) {
        String[] parts = entry.substring(2, entry.length() - 1).replace("`", "").split(" · ", -1);
        return new Row(parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : "");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void namesItsTypeAndDefault(Row row) {
        Bound bound = Objects.requireNonNull(bound().get(row.key()), row.key());

        assertThat(new Bound(row.type(), row.byDefault())).isEqualTo(bound);
    }

    static Stream<Row> bounded() {
        return rows().filter(row -> !edges(row).isEmpty());
    }

    /** A value at each edge, and one beyond it. */
    private record Edge(String inside, String outside) {}

    @ParameterizedTest(name = "{0}")
    @MethodSource("bounded")
    void isRightAboutWhatIsAllowed(Row row) {
        for (Edge edge : edges(row)) {
            assertThatCode(() -> bind(row, edge.inside())).doesNotThrowAnyException();
            assertThatThrownBy(() -> bind(row, edge.outside()))
                    .as("%s: %s", row.key(), edge.outside())
                    .isInstanceOf(WrongSettingsException.class)
                    .hasMessageContaining(lastPart(row.key()));
        }
    }

    @Test
    void knowsTheRangesOfItsNumbers() {
        assertThat(bounded()).hasSizeGreaterThan(35);
    }

    @Test
    void listsWhatTheShippedFileSets() throws IOException {
        Map<String, String> listed =
                table(Pattern.compile("\\| `([a-z][\\w.-]+)` \\| `([^`]*)` \\| .*"));
        listed.keySet().removeIf(key -> key.startsWith("gantry."));

        Map<String, String> shipped = new TreeMap<>();
        for (PropertySource<?> source :
                new YamlPropertySourceLoader()
                        .load("shipped", new ClassPathResource("application.yml"))) {
            for (String key : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
                shipped.put(key, String.valueOf(source.getProperty(key)));
            }
        }

        assertThat(listed).isEqualTo(shipped);
    }

    @Test
    void namesVariablesThatSetTheirKeys() {
        Map<String, String> variables =
                table(Pattern.compile("\\| `([A-Z_]+)` \\| `([a-z.-]+)` \\|"));

        assertThat(variables).hasSizeGreaterThan(15);
        variables.forEach(
                (variable, key) -> {
                    StandardEnvironment environment = Environments.of("");
                    environment
                            .getPropertySources()
                            .replace(
                                    "systemEnvironment",
                                    new SystemEnvironmentPropertySource(
                                            "systemEnvironment", Map.of(variable, "set")));
                    assertThat(Binder.get(environment).bind(key, String.class).orElse("not set"))
                            .as(variable)
                            .isEqualTo("set");
                    if (key.startsWith("gantry.")) {
                        assertThat(bound()).containsKey(key);
                    }
                });
    }

    @Test
    void namesEveryVariableThatTheCodeReadsItself() throws IOException {
        Pattern read = Pattern.compile("getenv\\(\"(\\w+)\"\\)");
        Set<String> names = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(each -> each.toString().endsWith(".java")).toList()) {
                read.matcher(Files.readString(source))
                        .results()
                        .forEach(each -> names.add(each.group(1)));
            }
        }

        assertThat(names).isNotEmpty();
        assertThat(Files.readString(PAGE))
                .contains(names.stream().map(each -> "`" + each + "`").toList());
    }

    @Test
    void saysWhatEachCapabilityIsFor() {
        Pattern row = Pattern.compile("\\| `([a-z]+)` \\| (.+) \\|");
        List<String> page = lines().toList();
        List<String> section =
                page.subList(page.indexOf("### Capabilities"), page.indexOf("### Discovery"));

        assertThat(
                        section.stream()
                                .map(row::matcher)
                                .filter(Matcher::matches)
                                .map(each -> each.group(1)))
                .containsExactly(
                        Arrays.stream(Capability.values())
                                .map(Capability::label)
                                .toArray(String[]::new));
        assertThat(rows().filter(each -> each.key().endsWith(".capabilities")).map(Row::allowed))
                .containsExactly(
                        Arrays.stream(Capability.values())
                                .map(Capability::label)
                                .collect(Collectors.joining(", ")));
    }

    private static Map<String, String> table(Pattern row) {
        Map<String, String> table = new TreeMap<>();
        lines().map(row::matcher)
                .filter(Matcher::matches)
                .forEach(each -> table.put(each.group(1), each.group(2)));
        return table;
    }

    private static void bind(Row row, String value) {
        String key = row.key();
        for (Map.Entry<String, String> name : NAMES.entrySet()) {
            key = key.replace(name.getKey(), name.getValue());
        }
        // One source: of a list in two, the binder takes one.
        Map<String, Object> settings = new HashMap<>(LEAST);
        settings.put(key, value);
        StandardEnvironment environment = Environments.of("");
        environment.getPropertySources().addFirst(new MapPropertySource("all", settings));
        SettingsBinder.bind(environment);
    }

    private static String lastPart(String key) {
        String part = key.substring(key.lastIndexOf('.') + 1);
        return NAMES.getOrDefault(part, part);
    }

    private static List<Edge> edges(Row row) {
        String allowed = row.allowed();
        Matcher least = Pattern.compile("(\\d+) or more(, or -1)?").matcher(allowed);
        if (least.matches()) {
            int value = Integer.parseInt(least.group(1));
            // Where -1 has a meaning, 0 is the number below.
            return List.of(new Edge(Integer.toString(value), Integer.toString(value - 1)));
        }
        Matcher span = Pattern.compile("(\\d+) to (\\d+)").matcher(allowed);
        if (span.matches()) {
            int most = Integer.parseInt(span.group(2));
            int low = Integer.parseInt(span.group(1));
            return List.of(
                    new Edge(Integer.toString(low), Integer.toString(low - 1)),
                    new Edge(Integer.toString(most), Integer.toString(most + 1)));
        }
        if (allowed.startsWith("more than 0s")) {
            return List.of(new Edge("1ms", "0s"), new Edge("1s", "-1s"));
        }
        return switch (allowed) {
            case "more than 0, at most 1" -> List.of(new Edge("0.01", "0"), new Edge("1", "1.01"));
            case "0s or more" -> List.of(new Edge("0s", "-1ms"));
            case "1B to 512MB" -> List.of(new Edge("512MB", "513MB"), new Edge("1B", "0B"));
            case "1B or more" -> List.of(new Edge("1B", "0B"));
            default -> List.of();
        };
    }

    private static Stream<String> lines() {
        try {
            return Files.readAllLines(PAGE).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By key, as the page writes it. */
    private static Map<String, Bound> bound() {
        Map<String, Bound> keys = new TreeMap<>();
        collect(
                "gantry",
                KeySchema.of(GantrySettings.class),
                ResolvableType.forClass(GantrySettings.class),
                new Binder().bindOrCreate("none", GantrySettings.class),
                keys);
        return keys;
    }

    /** Walks the schema; the records beside it only tell the defaults. */
    private static void collect(
            String key,
            KeySchema schema,
            ResolvableType type,
            @Nullable Object value,
            Map<String, Bound> keys) {
        switch (schema) {
            case KeySchema.Leaf(var leaf) -> keys.put(key, new Bound(name(leaf), shown(value)));
            case KeySchema.Group(var children, var alsoText) -> {
                if (alsoText) {
                    keys.put(key, new Bound("text", NOTHING));
                }
                Map<String, RecordComponent> components = components(type.toClass());
                Object record = value == null ? unset(type.toClass()) : value;
                children.forEach(
                        (name, child) -> {
                            RecordComponent component =
                                    Objects.requireNonNull(components.get(name), name);
                            collect(
                                    key + "." + name,
                                    child,
                                    ResolvableType.forType(component.getGenericType()),
                                    record == null ? null : get(record, component),
                                    keys);
                        });
            }
            case KeySchema.Entries(KeySchema.Leaf(var leaf)) ->
                    keys.put(key + "." + entry(key), new Bound(name(leaf), shown(value)));
            case KeySchema.Entries(var of) ->
                    collect(key + "." + entry(key), of, type.asMap().getGeneric(1), null, keys);
            case KeySchema.Items(KeySchema.Leaf(var leaf)) ->
                    keys.put(
                            key,
                            new Bound(
                                    "list of " + name(leaf).replace("number", "numbers"),
                                    shown(value)));
            case KeySchema.Items(var of) ->
                    collect(key + "[]", of, type.asCollection().getGeneric(0), null, keys);
        }
    }

    /** Null where a part is required. */
    private static @Nullable Object unset(Class<?> record) {
        try {
            return new Binder().bindOrCreate("none", record);
        } catch (BindException _) {
            return null;
        }
    }

    /** {@code gantry.providers} has entries named {@code <provider>}. */
    private static String entry(String key) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        return switch (last) {
            case "policies" -> "<policy>";
            case "priorities" -> "<priority>";
            case "stamp" -> "<member>";
            case "tier-weights" -> "<tier>";
            default -> "<" + last.replaceAll("s$", "") + ">";
        };
    }

    private static Map<String, RecordComponent> components(Class<?> record) {
        Map<String, RecordComponent> components = new LinkedHashMap<>();
        for (RecordComponent component : record.getRecordComponents()) {
            components.put(
                    component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT),
                    component);
        }
        return components;
    }

    private static @Nullable Object get(Object record, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static String name(Class<?> leaf) {
        if (leaf.isEnum()) {
            return Arrays.stream(leaf.getEnumConstants())
                    .map(ConfigurePageTest::shown)
                    .collect(Collectors.joining(", "));
        }
        if (leaf == boolean.class || leaf == Boolean.class) {
            return "true, false";
        }
        if (leaf == double.class) {
            return "number";
        }
        if (leaf == Duration.class) {
            return "duration";
        }
        if (leaf == DataSize.class) {
            return "size";
        }
        if (leaf == Secret.class) {
            return "secret";
        }
        return leaf.isPrimitive() || Number.class.isAssignableFrom(leaf) ? "whole number" : "text";
    }

    private static String shown(@Nullable Object value) {
        return switch (value) {
            case null -> NOTHING;
            case Enum<?> one -> one.name().toLowerCase(Locale.ROOT).replace('_', '-');
            case Duration time -> shown(time);
            case DataSize size -> shown(size);
            case Secret secret when secret.isEmpty() -> NOTHING;
            case Map<?, ?> map -> shown(entries(map));
            case Collection<?> list ->
                    list.isEmpty()
                            ? NOTHING
                            : list.stream()
                                    .map(ConfigurePageTest::shown)
                                    .collect(Collectors.joining(", "));
            default -> value.toString().isEmpty() ? NOTHING : value.toString();
        };
    }

    private static List<String> entries(Map<?, ?> map) {
        List<String> entries = new ArrayList<>();
        new TreeMap<Object, Object>(map)
                .forEach((name, value) -> entries.add(shown(name) + ": " + shown(value)));
        return entries;
    }

    /** As a person writes it: 90s stays, 600s is 10m. */
    private static String shown(Duration time) {
        if (time.toSeconds() % 3600 == 0 && !time.isZero()) {
            return time.toHours() + "h";
        }
        // The page says 60s: a window is thought of in seconds.
        if (time.toSeconds() % 60 == 0 && time.toSeconds() > 60) {
            return time.toMinutes() + "m";
        }
        return time.toSeconds() + "s";
    }

    private static String shown(DataSize size) {
        return size.toGigabytes() > 0 ? size.toGigabytes() + "GB" : size.toMegabytes() + "MB";
    }
}
