package dev.gantry.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Trace;

import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class TraceHeadersTest {
    private static final String IDS = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
    private static final String PARENT = "00-" + IDS + "-01";

    @Test
    void aTraceIsCarried() {
        Trace trace = read(PARENT, "rojo=00f067aa0ba902b7,tenant@vendor=t61rcWkgMzE");

        assertThat(trace.traceparent()).isEqualTo(PARENT);
        assertThat(trace.tracestate()).isEqualTo("rojo=00f067aa0ba902b7,tenant@vendor=t61rcWkgMzE");
    }

    static Stream<String> wrongParents() {
        return Stream.of(
                "",
                "00",
                IDS,
                "ff-" + IDS + "-01",
                "0-" + IDS + "-01",
                "00-" + IDS.toUpperCase(Locale.ROOT) + "-01",
                "00-" + "0".repeat(32) + "-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-" + "0".repeat(16) + "-01",
                "00-" + IDS + "-1",
                "00-" + IDS + "-zz",
                "00_" + IDS + "-01",
                PARENT + "-more",
                PARENT + "x",
                "01-" + IDS + "-01x",
                PARENT + "\n-",
                PARENT + "a".repeat(1 << 20),
                "x".repeat(1 << 20));
    }

    @ParameterizedTest
    @MethodSource("wrongParents")
    void aWrongParentCountsAsAbsentAndSoDoesItsState(String parent) {
        assertThat(read(parent, "a=1")).isEqualTo(Trace.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"01-" + IDS + "-01", "cc-" + IDS + "-01-what-the-future-brings"})
    void aLaterVersionIsReadAsTheOneThatIsKnown(String parent) {
        assertThat(read(parent).traceparent()).isEqualTo(PARENT);
    }

    @Test
    void twoParentsAreNone() {
        RecordHeaders headers = headers("traceparent", PARENT, PARENT);

        assertThat(TraceHeaders.read(headers)).isEqualTo(Trace.NONE);
    }

    static Stream<String> wrongStates() {
        return Stream.of(
                "novalue",
                "A=1",
                "a=1,a=2",
                "a=b=c",
                "a=",
                "a=\u00e4",
                "a=1\u0000",
                "tenant@=1",
                "a=" + "x".repeat(257),
                "k".repeat(257) + "=1",
                members(33),
                "a=" + "x".repeat(255) + ",b=" + "x".repeat(255),
                "a=" + "x".repeat(1 << 20));
    }

    @ParameterizedTest
    @MethodSource("wrongStates")
    void aWrongStateIsDroppedAndTheParentStays(String state) {
        Trace trace = read(PARENT, state);

        assertThat(trace.traceparent()).isEqualTo(PARENT);
        assertThat(trace.tracestate()).isNull();
    }

    @Test
    void severalStatesAreOneList() {
        assertThat(read(PARENT, "a=1, b=2", ",c=3").tracestate()).isEqualTo("a=1,b=2,c=3");
        assertThat(read(PARENT, members(32)).tracestate()).isEqualTo(members(32));
        assertThat(read(PARENT, "").tracestate()).isNull();
    }

    private static String members(int count) {
        return IntStream.range(0, count)
                .mapToObj(each -> "k" + each + "=v")
                .collect(Collectors.joining(","));
    }

    private static Trace read(String parent, String... states) {
        RecordHeaders headers = headers("tracestate", states);
        headers.add("traceparent", parent.getBytes(StandardCharsets.UTF_8));
        return TraceHeaders.read(headers);
    }

    private static RecordHeaders headers(String name, String... values) {
        RecordHeaders headers = new RecordHeaders();
        for (String value : values) {
            headers.add(name, value.getBytes(StandardCharsets.UTF_8));
        }
        return headers;
    }
}
