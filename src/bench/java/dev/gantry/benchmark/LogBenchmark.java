package dev.gantry.benchmark;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;

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

/** What a request's log line costs, with and without the scrubber in front of it, by JMH. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogBenchmark {
    @Param({"false", "true"})
    private boolean scrubbed;

    private final Logger log =
            ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("benchmark.outcome");

    @Setup
    public void write() {
        LoggerContext context = log.getLoggerContext();
        context.putObject(Environment.class.getName(), new StandardEnvironment());
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setContext(context);
        encoder.setFormat("ecs");
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

    /** Prints nanoseconds; checks nothing. */
    @Test
    void run() throws RunnerException {
        new Runner(JmhOptions.of(LogBenchmark.class).build()).run();
    }
}
