package dev.gantry.secret;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.KeyValuePair;
import org.slf4j.helpers.BasicMarkerFactory;
import org.springframework.boot.json.JsonWriter;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.boot.logging.structured.StructuredLogFormatter;
import org.springframework.boot.logging.structured.StructuredLoggingJsonMembersCustomizer;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/** Lines must be those of Spring Boot's own encoder, byte for byte, whoever writes them. */
class LineTemplateTest {
    private static final List<String> TEXTS =
            List.of(
                    "batch-20261121/job-000017",
                    "frontier:openai:main:inference:gpt-5-mini",
                    "",
                    "~ /{}[]:,'",
                    "monkey business: bearer of news",
                    "GET https://h/v1?api_key=hunter2 gave 500",
                    "password=hunter2",
                    "x".repeat(ScrubbedEvent.LONGEST + 1),
                    "two\nlines",
                    "escape \u001b",
                    "delete \u007f",
                    "next line \u0085",
                    "\"quoted\"",
                    "back\\slash",
                    "Zürich 東京 🙂",
                    "half \ud83d of a pair");

    private static final List<Object> VALUES =
            List.of(
                    1,
                    -1234567890123L,
                    0.1,
                    Double.NaN,
                    new BigDecimal("1E+3"),
                    true,
                    List.of("a", 1, List.of("password=hunter2")),
                    new int[] {1, 2},
                    Map.of("inner", "password=hunter2"),
                    Duration.ofSeconds(1),
                    Path.of("a/b"),
                    new AtomicReference<>("password=hunter2"));

    private static final List<String> KEYS =
            List.of(
                    "request_id",
                    "outcome",
                    "took_ms",
                    "lane",
                    "renamed",
                    "team",
                    "apiKey",
                    "a.b",
                    "a",
                    "ends.",
                    ".",
                    "",
                    "message",
                    "log",
                    "error",
                    "a \"key\"",
                    "schlüssel");

    private static final List<String> TIMES =
            List.of(
                    "2026-11-20T10:00:00Z",
                    "2026-11-20T10:00:00.120Z",
                    "2026-11-20T10:00:00.000001Z",
                    "2026-11-20T23:59:59.000000001Z",
                    "1969-12-31T23:59:59.999999999Z",
                    "+12026-11-20T10:00:00.5Z");

    private final MockEnvironment environment =
            new MockEnvironment()
                    .withProperty("spring.application.name", "gantry")
                    .withProperty("spring.application.pid", "4711");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none=",
                "add.team=search",
                "add.a.inner=1",
                "rename.message=text",
                "rename.lane=renamed",
                "exclude=lane",
                "exclude=log.level",
                "include=message",
                "context.include=false",
                "context.prefix=request",
                "stacktrace.root=first",
                "customizer=dev.gantry.secret.LineTemplateTest$Shouting"
            })
    void everyLineIsThatOfSpringBoot(String customized) {
        String[] property = customized.split("=", 2);
        environment.setProperty("logging.structured.json." + property[0], property[1]);

        isWrittenAsBySpring("ecs", UTF_8);
    }

    @Test
    void soItIsInOtherFormatsCharactersAndServices() {
        environment.setProperty("logging.structured.ecs.service.name", "\"Förderband\" TRACE");
        isWrittenAsBySpring("ecs", UTF_8);
        isWrittenAsBySpring("ecs", ISO_8859_1);
        isWrittenAsBySpring("ecs", UTF_16);
        isWrittenAsBySpring("logstash", UTF_8);
        isWrittenAsBySpring("gelf", UTF_8);
    }

    @Test
    void aFormatOfTheUsersOwnWritesEveryLineItself() {
        isWrittenAsBySpring(Discreet.class.getName(), UTF_8);
    }

    @Test
    void soDoesAnEncoderOfTheUsersOwn() {
        StructuredLogEncoder own =
                new StructuredLogEncoder() {
                    @Override
                    public byte[] encode(ILoggingEvent event) {
                        String line = new String(super.encode(event), UTF_8);
                        return line.replaceAll("job-\\d+", "a job").getBytes(UTF_8);
                    }
                };
        ScrubbingEncoder ours = new ScrubbingEncoder(set(own, "ecs", UTF_8));
        ours.start();

        assertThat(ours.encode(outcome())).asString(UTF_8).contains("a job").doesNotContain("017");
    }

    @Test
    void aPlainLineIsCopied() {
        environment.setProperty("logging.structured.json.add.team", "search");
        LineTemplate template = LineTemplate.of(encoder("ECS", UTF_8));

        assertThat(template).isNotNull();
        assertThat(template.line(outcome())).isNotNull();
    }

    @Test
    void aLineWithoutItsSecretKeepsItsTime() {
        LoggingEvent event = outcome();
        event.addKeyValuePair(new KeyValuePair("reason", "password=hunter2"));

        assertThat(new String(encoder("ecs", UTF_8).encode(ScrubbedEvent.of(event)), UTF_8))
                .contains(TIMES.get(2), "password=***");
    }

    private static LoggingEvent outcome() {
        LoggingEvent event = new LoggingEvent();
        event.setInstant(Instant.parse(TIMES.get(2)));
        event.setLevel(Level.INFO);
        event.setLoggerName("dev.gantry.outcome");
        event.setThreadName("request");
        event.setMessage("request ended");
        event.setMDCPropertyMap(Map.of());
        event.addKeyValuePair(new KeyValuePair("request_id", TEXTS.get(0)));
        event.addKeyValuePair(new KeyValuePair("lane", TEXTS.get(1)));
        event.addKeyValuePair(new KeyValuePair("attempts", 1));
        event.addKeyValuePair(new KeyValuePair("took_ms", 1234L));
        event.addKeyValuePair(new KeyValuePair("code", null));
        event.addKeyValuePair(new KeyValuePair("raced", false));
        return event;
    }

    private void isWrittenAsBySpring(String format, Charset charset) {
        StructuredLogEncoder spring = encoder(format, charset);
        ScrubbingEncoder ours = new ScrubbingEncoder(encoder(format, charset));
        ours.start();
        Random random = new Random(15);

        for (int i = 0; i < 1_000; i++) {
            LoggingEvent event = event(random);
            assertThat(written(() -> ours.encode(event)))
                    .as("event %d", i)
                    .isEqualTo(written(() -> spring.encode(ScrubbedEvent.of(event))));
        }
    }

    private StructuredLogEncoder encoder(String format, Charset charset) {
        return set(new StructuredLogEncoder(), format, charset);
    }

    private StructuredLogEncoder set(StructuredLogEncoder encoder, String format, Charset charset) {
        LoggerContext context = new LoggerContext();
        context.putObject(Environment.class.getName(), environment);
        encoder.setContext(context);
        encoder.setFormat(format);
        encoder.setCharset(charset);
        encoder.start();
        return encoder;
    }

    private interface Line {
        byte[] encoded();
    }

    /** A line that Spring refuses is refused: a key that occurs twice. */
    private static String written(Line line) {
        try {
            byte[] bytes = line.encoded();
            return new String(bytes, ISO_8859_1);
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Every second one is plain but for one part of it. */
    private static LoggingEvent event(Random random) {
        LoggingEvent event = new LoggingEvent();
        event.setInstant(Instant.parse(any(TIMES, random)));
        event.setLevel(any(List.of(Level.TRACE, Level.INFO, Level.WARN, Level.ERROR), random));
        event.setLoggerName(rarely(random) ? "l\"ogger" : "dev.gantry.outcome");
        event.setThreadName(rarely(random) ? "thrĕad" : "request");
        event.setMessage(rarely(random) ? any(TEXTS, random) : "request {}");
        if (random.nextBoolean()) {
            event.setArgumentArray(new Object[] {rarely(random) ? any(TEXTS, random) : "ended"});
        }
        event.setMDCPropertyMap(rarely(random) ? Map.of("request_id", "a", "b", "c") : Map.of());
        if (rarely(random)) {
            event.addMarker(new BasicMarkerFactory().getMarker(any(TEXTS, random)));
        }
        if (rarely(random)) {
            event.setThrowableProxy(
                    new ThrowableProxy(new IllegalStateException(any(TEXTS, random))));
        }
        event.setKeyValuePairs(pairs(random));
        return event;
    }

    private static @Nullable List<KeyValuePair> pairs(Random random) {
        List<KeyValuePair> pairs = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            String key = any(rarely(random) ? KEYS : KEYS.subList(0, 4), random);
            pairs.add(new KeyValuePair(rarely(random) ? null : key, value(random)));
        }
        return random.nextBoolean() || !pairs.isEmpty() ? pairs : null;
    }

    private static @Nullable Object value(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1, 2, 3 -> any(VALUES.subList(0, 6), random);
            case 4 -> rarely(random) ? any(VALUES, random) : 7;
            case 5 -> rarely(random) ? any(TEXTS, random) : "plain";
            default -> any(TEXTS.subList(0, 5), random);
        };
    }

    private static boolean rarely(Random random) {
        return random.nextInt(12) == 0;
    }

    private static <T> T any(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    /** Changes some values only. */
    static final class Shouting implements StructuredLoggingJsonMembersCustomizer<ILoggingEvent> {
        @Override
        public void customize(JsonWriter.Members<ILoggingEvent> members) {
            members.applyingValueProcessor(
                    JsonWriter.ValueProcessor.of(
                            String.class,
                            value ->
                                    value != null && value.startsWith("batch")
                                            ? value.toUpperCase(Locale.ROOT)
                                            : value));
        }
    }

    /** Reads like ECS, and leaves out what not everybody may see. */
    static final class Discreet implements StructuredLogFormatter<ILoggingEvent> {
        @Override
        public String format(ILoggingEvent event) {
            StringBuilder line = new StringBuilder();
            line.append("{\"time\":\"").append(event.getInstant());
            line.append("\",\"level\":\"").append(event.getLevel());
            line.append("\",\"logger\":\"").append(event.getLoggerName());
            line.append("\",\"thread\":\"").append(event.getThreadName());
            line.append("\",\"message\":\"").append(event.getFormattedMessage()).append('"');
            for (KeyValuePair each :
                    Objects.requireNonNullElse(event.getKeyValuePairs(), List.<KeyValuePair>of())) {
                Object value = each.value instanceof String text ? '"' + text + '"' : each.value;
                line.append(",\"").append(each.key).append("\":").append(value);
            }
            return line.append("}\n").toString().replaceAll("job-\\d+", "a job");
        }
    }
}
