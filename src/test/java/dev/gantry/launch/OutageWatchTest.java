package dev.gantry.launch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** What is said of a broker that is away, second by second. */
class OutageWatchTest {
    /** Workers of other tests may run beside this one. */
    private final ListAppender<ILoggingEvent> log =
            new ListAppender<>() {
                private final Thread test = Thread.currentThread();

                @Override
                protected void append(ILoggingEvent line) {
                    if (Thread.currentThread().equals(test)) {
                        super.append(line);
                    }
                }
            };

    private final Logger logger = (Logger) LoggerFactory.getLogger(OutageWatch.class);
    private @Nullable String trouble;
    private long seconds = 7;
    private final OutageWatch.Absence broker =
            new OutageWatch.Absence(
                    "broker", () -> trouble, () -> TimeUnit.SECONDS.toNanos(seconds));

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(log);
    }

    @Test
    void saysNothingWhileItAnswers() {
        pass(100);

        assertThat(log.list).isEmpty();
    }

    @Test
    void saysItAtOnceAndEveryThirtySecondsAndForHowLongItWas() {
        trouble = "no answer";
        pass(1);
        assertThat(said()).containsExactly("WARN waiting for the broker away_ms=0 no answer");

        pass(29);
        assertThat(said()).isEmpty();
        pass(1);
        assertThat(said()).containsExactly("WARN waiting for the broker away_ms=30000 no answer");
        pass(60);
        assertThat(said()).hasSize(2);

        trouble = null;
        pass(10);
        assertThat(said()).containsExactly("INFO the broker answers away_ms=91000");
    }

    @Test
    void saysTheReasonOfTheMomentButNoMoreOftenForThat() {
        trouble = "no answer";
        pass(10);
        trouble = "Authentication failed";
        pass(21);
        assertThat(said())
                .containsExactly(
                        "WARN waiting for the broker away_ms=0 no answer",
                        "WARN waiting for the broker away_ms=30000 Authentication failed");
    }

    @Test
    void countsEachOutageAnew() {
        trouble = "no answer";
        pass(5);
        trouble = null;
        pass(1);
        trouble = "refused";
        pass(1);

        assertThat(said())
                .containsExactly(
                        "WARN waiting for the broker away_ms=0 no answer",
                        "INFO the broker answers away_ms=5000",
                        "WARN waiting for the broker away_ms=0 refused");
    }

    private void pass(int looks) {
        for (int look = 0; look < looks; look++) {
            broker.look();
            seconds++;
        }
    }

    private List<String> said() {
        List<String> lines =
                log.list.stream()
                        .map(
                                each ->
                                        each.getLevel()
                                                + " "
                                                + each.getFormattedMessage()
                                                + " "
                                                + values(each))
                        .toList();
        assertThat(log.list).allMatch(each -> each.getLevel().isGreaterOrEqual(Level.INFO));
        log.list.clear();
        return lines;
    }

    private static String values(ILoggingEvent event) {
        return String.join(
                " ",
                event.getKeyValuePairs().stream()
                        .map(
                                each ->
                                        each.key.equals("reason")
                                                ? String.valueOf(each.value)
                                                : each.key + "=" + each.value)
                        .toList());
    }
}
