/**
 * What an HTTP call costs with each client that was in question. Run it with {@code mvn test
 * -Dtest=HttpClientBenchmark}; the name keeps it out of the ordinary test run.
 */
@NullMarked
package dev.gantry.benchmark.http;

import org.jspecify.annotations.NullMarked;
