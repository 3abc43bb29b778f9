package dev.gantry.secret;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggerContextVO;
import ch.qos.logback.classic.spi.ThrowableProxy;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A log line whose message, values or exception held a secret, without it. */
final class ScrubbedEvent implements ILoggingEvent {
    /**
     * A client that logs its whole configuration stays below; a body that somebody logs does not.
     */
    static final int LONGEST = 64 << 10;

    /** Keys are few, for they stand in the source; looking at one costs more than at a value. */
    private static final Map<String, Boolean> KEYS = new ConcurrentHashMap<>();

    private static final int MOST_KEYS = 1_000;

    private final ILoggingEvent event;
    private final String message;
    private final @Nullable List<KeyValuePair> values;
    private final @Nullable IThrowableProxy thrown;

    private ScrubbedEvent(
            ILoggingEvent event,
            String message,
            @Nullable List<KeyValuePair> values,
            @Nullable IThrowableProxy thrown) {
        this.event = event;
        this.message = message;
        this.values = values;
        this.thrown = thrown;
    }

    /** The very same event if it holds no secret, as nearly always. */
    @SuppressWarnings("ReferenceEquality") // what is unchanged is the very same
    static ILoggingEvent of(ILoggingEvent event) {
        String said = String.valueOf(event.getFormattedMessage());
        String message = Scrubber.masked(said, LONGEST);
        List<KeyValuePair> values = values(event.getKeyValuePairs());
        IThrowableProxy thrown = thrown(event.getThrowableProxy());
        boolean clean =
                message == said
                        && values == event.getKeyValuePairs()
                        && thrown == event.getThrowableProxy();
        return clean ? event : new ScrubbedEvent(event, message, values, thrown);
    }

    private static @Nullable List<KeyValuePair> values(@Nullable List<KeyValuePair> pairs) {
        if (pairs == null || !tells(pairs)) {
            return pairs;
        }
        return pairs.stream()
                .map(each -> tells(each) ? new KeyValuePair(each.key, masked(each)) : each)
                .toList();
    }

    /** No stream: every line passes here. */
    private static boolean tells(List<KeyValuePair> pairs) {
        for (KeyValuePair each : pairs) {
            if (tells(each)) {
                return true;
            }
        }
        return false;
    }

    @SuppressWarnings("ReferenceEquality") // what is unchanged is the very same
    private static boolean tells(KeyValuePair pair) {
        if (pair.value == null || pair.value instanceof Number || pair.value instanceof Boolean) {
            return false;
        }
        String text = pair.value.toString();
        return namesSecret(pair.key) || Scrubber.masked(text, LONGEST) != text;
    }

    /** A library may give a value without a key. */
    private static boolean namesSecret(@Nullable String key) {
        if (key == null) {
            return false;
        }
        Boolean known = KEYS.get(key);
        if (known == null) {
            known = SecretNames.isSecret(key);
            if (KEYS.size() < MOST_KEYS) {
                KEYS.put(key, known);
            }
        }
        return known;
    }

    private static String masked(KeyValuePair pair) {
        return namesSecret(pair.key)
                ? Scrubber.MASK
                : Scrubber.masked(pair.value.toString(), LONGEST);
    }

    private static @Nullable IThrowableProxy thrown(@Nullable IThrowableProxy proxy) {
        if (!(proxy instanceof ThrowableProxy known)) {
            return proxy;
        }
        ScrubbedThrowable scrubbed = ScrubbedThrowable.of(known.getThrowable());
        return scrubbed == null ? proxy : new Proxy(scrubbed);
    }

    /** Names the class of what was thrown. */
    private static final class Proxy extends ThrowableProxy {
        private final ScrubbedThrowable thrown;

        Proxy(ScrubbedThrowable thrown) {
            super(thrown);
            this.thrown = thrown;
        }

        @Override
        public String getClassName() {
            return thrown.className();
        }
    }

    @Override
    public String getMessage() {
        return message;
    }

    @Override
    public String getFormattedMessage() {
        return message;
    }

    /** They are in the message. */
    @Override
    public Object @Nullable [] getArgumentArray() {
        return null;
    }

    @Override
    public @Nullable List<KeyValuePair> getKeyValuePairs() {
        return values;
    }

    @Override
    public @Nullable IThrowableProxy getThrowableProxy() {
        return thrown;
    }

    @Override
    public String getThreadName() {
        return event.getThreadName();
    }

    @Override
    public Level getLevel() {
        return event.getLevel();
    }

    @Override
    public String getLoggerName() {
        return event.getLoggerName();
    }

    @Override
    public LoggerContextVO getLoggerContextVO() {
        return event.getLoggerContextVO();
    }

    @Override
    public StackTraceElement[] getCallerData() {
        return event.getCallerData();
    }

    @Override
    public boolean hasCallerData() {
        return event.hasCallerData();
    }

    @Override
    public @Nullable List<Marker> getMarkerList() {
        return event.getMarkerList();
    }

    @Override
    public Map<String, String> getMDCPropertyMap() {
        return event.getMDCPropertyMap();
    }

    @Override
    @Deprecated
    public Map<String, String> getMdc() {
        return event.getMDCPropertyMap();
    }

    @Override
    public Instant getInstant() {
        return event.getInstant();
    }

    @Override
    public long getTimeStamp() {
        return event.getTimeStamp();
    }

    @Override
    public int getNanoseconds() {
        return event.getNanoseconds();
    }

    @Override
    public long getSequenceNumber() {
        return event.getSequenceNumber();
    }

    @Override
    public void prepareForDeferredProcessing() {
        event.prepareForDeferredProcessing();
    }
}
