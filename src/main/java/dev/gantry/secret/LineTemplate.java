package dev.gantry.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.encoder.Encoder;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.boot.logging.structured.StructuredLoggingJsonMembersCustomizer;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.util.ReflectionUtils;

import java.lang.reflect.Field;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The line that Spring Boot's encoder makes of a plain event in ECS JSON, at a tenth of the cost:
 * what stands around the values is learnt from a line of that encoder, and copied. A key is tried
 * on it once. The encoder has all that needs more than copying: exceptions, MDC, markers, values
 * with an inner structure, what JSON escapes, and secrets.
 */
final class LineTemplate {
    private static final int MOST_KEYS = 1_000;

    private static final byte[] QUOTE = {'"'};
    private static final byte[] NULL = "null".getBytes(UTF_8);

    /** Of a key that is left to the encoder. */
    private static final byte[] NO_NAME = {};

    private static final Instant PROBED = Instant.parse("2001-02-03T04:05:06.789Z");

    private final Encoder<ILoggingEvent> encoder;

    /**
     * Before the time, the level, the logger, the thread, the message and the pairs, and the end.
     */
    private final List<byte[]> parts;

    /** With the comma before and the colon behind. */
    private final Map<String, byte[]> names = new ConcurrentHashMap<>();

    /** Threads that write at the same time make one more. */
    private final AtomicReference<@Nullable AsciiLine> spare = new AtomicReference<>();

    /** Lines of the same second share its text. */
    private volatile Second second = Second.of(0);

    private LineTemplate(Encoder<ILoggingEvent> encoder, List<byte[]> parts) {
        this.encoder = encoder;
        this.parts = parts;
    }

    /** Null: this encoder's lines are no copies of one another. */
    static @Nullable LineTemplate of(Encoder<ILoggingEvent> encoder) {
        if (!isSpringsOwn(encoder) || hasCustomizer(encoder)) {
            return null;
        }
        byte[] line =
                encoded(encoder, probe(PROBED, Level.TRACE, new KeyValuePair("a-key", "a-value")));
        List<byte[]> parts = line == null ? null : parts(new String(line, UTF_8));
        if (parts == null) {
            return null;
        }
        LineTemplate template = new LineTemplate(encoder, parts);
        Instant other = PROBED.plusNanos(1);
        return template.agrees(probe(other, Level.WARN))
                        && template.agrees(probe(other, Level.INFO, new KeyValuePair("b", null)))
                ? template
                : null;
    }

    /** A format or an encoder of the user's may mask what it likes: a few lines do not tell. */
    private static boolean isSpringsOwn(Encoder<ILoggingEvent> encoder) {
        Field format = ReflectionUtils.findField(StructuredLogEncoder.class, "format");
        if (encoder.getClass() != StructuredLogEncoder.class || format == null) {
            return false;
        }
        ReflectionUtils.makeAccessible(format);
        return ReflectionUtils.getField(format, encoder) instanceof String id
                && id.equalsIgnoreCase("ecs");
    }

    /** It may look at every value, so that nothing can be learnt from one. */
    private static boolean hasCustomizer(Encoder<ILoggingEvent> encoder) {
        if (encoder.getContext().getObject(Environment.class.getName())
                instanceof Environment environment) {
            List<Object> found = new ArrayList<>();
            found.addAll(
                    SpringFactoriesLoader.forDefaultResourceLocation()
                            .load(
                                    StructuredLoggingJsonMembersCustomizer.class,
                                    (_, name, _) -> found.add(name)));
            return !found.isEmpty()
                    || Binder.get(environment)
                            .bind(
                                    "logging.structured.json.customizer",
                                    Bindable.listOf(String.class))
                            .isBound();
        }
        return true;
    }

    private static LoggingEvent probe(Instant time, Level level, KeyValuePair... pairs) {
        LoggingEvent event = new LoggingEvent();
        event.setInstant(time);
        event.setLevel(level);
        event.setLoggerName("a.logger.of-" + level);
        event.setThreadName("a-thread-of-" + level);
        event.setMessage("a message of " + level);
        event.setMDCPropertyMap(Map.of());
        event.setKeyValuePairs(List.of(pairs));
        return event;
    }

    private static byte @Nullable [] encoded(Encoder<ILoggingEvent> encoder, LoggingEvent probe) {
        try {
            return encoder.encode(probe);
        } catch (RuntimeException e) {
            // A key that Spring refuses: all is left to the encoder.
            return null;
        }
    }

    private static @Nullable List<byte[]> parts(String line) {
        List<String> values =
                List.of(
                        PROBED.toString(),
                        "TRACE",
                        "a.logger.of-TRACE",
                        "a-thread-of-TRACE",
                        "a message of TRACE",
                        ",\"a-key\":\"a-value\"");
        List<byte[]> parts = new ArrayList<>();
        int from = 0;
        for (String value : values) {
            int at = line.indexOf(value, from);
            if (at < 0) {
                return null;
            }
            parts.add(line.substring(from, at).getBytes(UTF_8));
            from = at + value.length();
        }
        parts.add(line.substring(from).getBytes(UTF_8));
        return parts;
    }

    private boolean agrees(LoggingEvent probe) {
        byte[] line = line(probe);
        return line != null && Arrays.equals(line, encoded(encoder, probe));
    }

    /** Null: to be left to the encoder. */
    byte @Nullable [] line(ILoggingEvent event) {
        if (event.getThrowableProxy() != null
                || isFilled(event.getMarkerList())
                || !event.getMDCPropertyMap().isEmpty()) {
            return null;
        }
        AsciiLine line = spare.getAndSet(null);
        if (line == null) {
            line = new AsciiLine();
        }
        start(line, event);
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            for (int i = 0; i < pairs.size(); i++) {
                name(line, pairs, i);
                value(line, pairs.get(i).value);
            }
        }
        byte[] bytes = line.copy(parts.getLast()).end();
        spare.set(line);
        return bytes;
    }

    private static boolean isFilled(@Nullable List<?> list) {
        return list != null && !list.isEmpty();
    }

    private void start(AsciiLine line, ILoggingEvent event) {
        Instant time = event.getInstant();
        line.copy(parts.get(0)).text(second(time.getEpochSecond())).fraction(time.getNano());
        line.text("Z").copy(parts.get(1)).text(event.getLevel().toString());
        line.copy(parts.get(2)).text(event.getLoggerName());
        line.copy(parts.get(3)).text(event.getThreadName());
        clean(line.copy(parts.get(4)), event.getFormattedMessage()).copy(parts.get(5));
    }

    private String second(long epoch) {
        Second current = second;
        if (current.epoch != epoch) {
            current = Second.of(epoch);
            second = current;
        }
        return current.text;
    }

    @SuppressWarnings("ReferenceEquality") // what is unchanged is the very same
    private static AsciiLine clean(AsciiLine line, @Nullable String text) {
        return text != null && Scrubber.masked(text, ScrubbedEvent.LONGEST) == text
                ? line.text(text)
                : line.spoil();
    }

    private void name(AsciiLine line, List<KeyValuePair> pairs, int index) {
        String key = pairs.get(index).key;
        byte[] name = key == null ? NO_NAME : name(key);
        boolean repeated = false;
        for (int i = 0; i < index; i++) {
            repeated |= Objects.equals(pairs.get(i).key, key);
        }
        if (name.length == 0 || repeated) {
            line.spoil();
        } else {
            line.copy(name);
        }
    }

    private byte[] name(String key) {
        byte[] known = names.get(key);
        if (known == null) {
            known = names.size() < MOST_KEYS ? tried(key) : NO_NAME;
            if (names.size() < MOST_KEYS) {
                names.put(key, known);
            }
        }
        return known;
    }

    /** Whether the encoder writes it as it stands: none of its own, not nested, nor renamed. */
    private byte[] tried(String key) {
        if (SecretNames.isSecret(key)) {
            return NO_NAME;
        }
        LoggingEvent probe = probe(PROBED, Level.TRACE, new KeyValuePair(key, "a-value"));
        AsciiLine line = new AsciiLine();
        start(line, probe);
        line.text(",").copy(QUOTE).text(key).copy(QUOTE).text(":");
        value(line, "a-value");
        boolean same = Arrays.equals(line.copy(parts.getLast()).end(), encoded(encoder, probe));
        return same ? (",\"" + key + "\":").getBytes(UTF_8) : NO_NAME;
    }

    private static void value(AsciiLine line, @Nullable Object value) {
        switch (value) {
            case null -> line.copy(NULL);
            case String text -> clean(line.copy(QUOTE), text).copy(QUOTE);
            case Number number -> line.text(number.toString());
            case Boolean truth -> line.text(truth.toString());
            default -> line.spoil();
        }
    }

    private record Second(long epoch, String text) {
        static Second of(long epoch) {
            String text = Instant.ofEpochSecond(epoch).toString();
            return new Second(epoch, text.substring(0, text.length() - 1));
        }
    }
}
