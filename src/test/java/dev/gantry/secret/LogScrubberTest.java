package dev.gantry.secret;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;

/** Lines as logback writes them, in Spring Boot's formats, behind the scrubber. */
@Isolated
class LogScrubberTest {
    private static final String URL = "jdbc:postgresql://db/gantry?user=u&password=hunter2";

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Logger log = context.getLogger("dev.gantry.secret.test");
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @BeforeEach
    void apart() {
        log.setAdditive(false);
    }

    @AfterEach
    void detach() {
        log.detachAndStopAllAppenders();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ecs", "logstash", "gelf", "pattern", "printer"})
    void noPartOfALineShowsASecret(String format) {
        writeAs(format);
        Throwable cause = new IllegalStateException("no connection to " + URL);
        cause.addSuppressed(new IllegalStateException("Authorization: Bearer hunter2hunter2"));
        Exception thrown = new UncheckedIOException("outer", new java.io.IOException(cause));
        cause.initCause(thrown);

        log.atWarn()
                .addKeyValue("reason", "GET https://h/v1?api_key=hunter2 gave 500")
                .addKeyValue("apiKey", "hunter2")
                .addKeyValue("count", 7)
                .setCause(thrown)
                .log("from {} at {}", URL, "redis://:hunter2@h");

        assertThat(written.toString(UTF_8))
                .doesNotContain("hunter2")
                .contains("user=u&password=***", "redis://***@h", "api_key=***", "count")
                .contains("java.io.UncheckedIOException", "java.lang.IllegalStateException")
                .contains("LogScrubberTest");
    }

    @Test
    void aLineWithoutSecretsStaysAsItIs() {
        writeAs("pattern");

        log.atInfo().addKeyValue("request_id", "batch/job-17").log("request ended {}", 1);

        assertThat(written.toString(UTF_8))
                .isEqualTo("request ended 1 request_id=\"batch/job-17\"");
    }

    @Test
    void anAppenderBehindAnotherIsReached() {
        AsyncAppender async = new AsyncAppender();
        async.setContext(context);
        async.addAppender(writer(pattern()));
        async.start();
        log.addAppender(async);
        LogScrubber.install();

        log.warn("password=hunter2");
        async.stop();

        assertThat(written.toString(UTF_8)).contains("password=***").doesNotContain("hunter2");
    }

    private void writeAs(String format) {
        Encoder<ILoggingEvent> encoder = format.equals("pattern") ? pattern() : structured(format);
        log.addAppender(writer(encoder));
        LogScrubber.install();
        LogScrubber.install();
    }

    private PatternLayoutEncoder pattern() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%msg %kvp%ex{full}");
        encoder.start();
        return encoder;
    }

    private StructuredLogEncoder structured(String format) {
        MockEnvironment environment = new MockEnvironment();
        if (format.equals("printer")) {
            environment.setProperty("logging.structured.json.stacktrace.root", "first");
        }
        context.putObject(Environment.class.getName(), environment);
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setContext(context);
        encoder.setFormat(format.equals("printer") ? "ecs" : format);
        encoder.start();
        return encoder;
    }

    private OutputStreamAppender<ILoggingEvent> writer(Encoder<ILoggingEvent> encoder) {
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(written);
        appender.start();
        return appender;
    }
}
