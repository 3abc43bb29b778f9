package dev.gantry.benchmark;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;

import dev.gantry.secret.LogScrubber;
import dev.gantry.secret.Scrubber;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * What a request's log line costs as Spring Boot writes it and as Gantry does, scrubbed, by JMH: in
 * a file or a pipe, on a terminal, and with a value in it that has to be escaped.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogBenchmark {
    @Param({"ecs", "pattern"})
    private String format = "ecs";

    @Param({"false", "true"})
    private boolean scrubbed;

    private final Logger log =
            ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("benchmark.outcome");

    @Setup
    public void write() {
        LoggerContext context = log.getLoggerContext();
        context.putObject(Environment.class.getName(), new StandardEnvironment());
        Encoder<ILoggingEvent> encoder = format.equals("ecs") ? ecs() : pattern();
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(OutputStream.nullOutputStream());
        appender.start();
        log.setAdditive(false);
        log.setLevel(Level.INFO);
        log.addAppender(appender);
        if (scrubbed) {
            Scrubber.learn(
                    IntStream.range(0, 20).mapToObj(each -> "sk-proj-secret-" + each).toList());
            LogScrubber.install();
        }
    }

    private static Encoder<ILoggingEvent> ecs() {
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setFormat("ecs");
        return encoder;
    }

    /** As shipped, but for Spring Boot's converter of exceptions. */
    private static Encoder<ILoggingEvent> pattern() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5p %m %kvp{NONE}%n");
        return encoder;
    }

    @Benchmark
    public void outcome() {
        log.atInfo()
                .addKeyValue("request_id", "batch-20261121-154201-k3f9/job-000017")
                .addKeyValue("outcome", "succeeded")
                .addKeyValue("attempts", 1)
                .addKeyValue("took_ms", 1234L)
                .addKeyValue("lane", "frontier:openai:main:inference:gpt-5-mini")
                .log("request ended");
    }

    @Benchmark
    public void escaped() {
        log.atInfo()
                .addKeyValue("source", "gantry.requests-3@4711")
                .addKeyValue("outcome", "rejected")
                .addKeyValue("code", "invalid_request")
                .addKeyValue("reason", "\"model\" is missing")
                .log("request ended");
    }

    /** Prints nanoseconds and bytes; checks nothing. */
    @Test
    void run() throws RunnerException {
        new Runner(JmhOptions.of(LogBenchmark.class).build()).run();
    }
}
