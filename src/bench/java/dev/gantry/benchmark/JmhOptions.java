package dev.gantry.benchmark;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * How steps of a request are measured: one process, eight seconds for each, and what they allocate.
 */
final class JmhOptions {
    private JmhOptions() {}

    static ChainedOptionsBuilder of(Class<?> benchmark) {
        return new OptionsBuilder()
                .include(benchmark.getName())
                .addProfiler(GCProfiler.class)
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(1));
    }
}
