package dev.gantry.intake.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.intake.broker.LogFacts;
import dev.gantry.intake.broker.ResetPolicy;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.offset.Maps;
import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.intake.offset.OffsetMapText;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.OptionalLong;

/** Where a partition goes on, as tables: at assignment, and where the broker has nothing. */
class ResumePointTest {
    private static final Uuid OLD = new Uuid(1, 1);
    private static final Uuid NEW = new Uuid(2, 2);

    /** The log holds 100 to 500; what was committed lists 400 and 402 as not done of 400 to 450. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    nothing committed                | none    | -   | 100 | go on at 100, 100 known
                    nothing, and no policy           | none    | -   | -   | hold
                    no map                           | none    | 400 | 100 | go on at 400, 400 known
                    a map of the same topic          | same    | 400 | 100 | go on at 400, 450 known
                    a map of another topic           | other   | 400 | 100 | start over at 100
                    the same, and the policy is none | other   | 400 | -   | start over at 100
                    a map without a topic            | nameless| 400 | 100 | go on at 400, 450 known
                    a map beyond the log's end       | nameless| 480 | 100 | go on at 480, 500 known
                    the same, its epoch known        | same    | 480 | 100 | go on at 480, 530 known
                    a map that is torn               | torn    | 400 | 100 | hold
                    another commit's map             | foreign | 400 | 100 | go on at 400, 400 known
                    """)
    void atAssignment(
            String name,
            String metadata,
            @Nullable Long committed,
            @Nullable Long initial,
            String course) {
        OffsetAndMetadata commit =
                committed == null
                        ? null
                        : new OffsetAndMetadata(committed, metadata(metadata, committed));

        ResumePoint decided =
                ResumePoint.at(
                        new LogFacts(NEW, 100, 500, optional(initial), commit), LogEpoch.UNKNOWN);

        assertThat(words(decided)).as(name).isEqualTo(course);
    }

    private static String metadata(String kind, long base) {
        String named = text(base, new LogEpoch(NEW, 3));
        return switch (kind) {
            case "none" -> "";
            case "same" -> named;
            case "other" -> text(base, new LogEpoch(OLD, 3));
            case "nameless" -> text(base, LogEpoch.UNKNOWN);
            case "torn" -> named.substring(0, named.length() - 6);
            case "foreign" -> text(base + 1, new LogEpoch(OLD, 3));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static String text(long base, LogEpoch lineage) {
        OffsetMap map = Maps.of(base, base + 50, List.of(base, base + 2), lineage);
        return OffsetMapText.write(map, OffsetMapText.MAX_CHARS).text();
    }

    @Test
    void aTopicThatWasMadeAnewIsReadFromItsBeginningWhateverThePolicy() {
        LogFacts latest = new LogFacts(NEW, 100, 500, OptionalLong.of(500), null);

        assertThat(words(ResumePoint.at(latest, new LogEpoch(OLD, LogEpoch.NO_EPOCH))))
                .isEqualTo("start over at 100");
        assertThat(words(ResumePoint.at(latest, new LogEpoch(NEW, LogEpoch.NO_EPOCH))))
                .isEqualTo("go on at 500, 500 known");
    }

    @ParameterizedTest(name = "read {0} at {1}, policy {2}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    same  | 50  | 100 | go on at 50, 50 known
                    same  | 300 | 100 | go on at 300, 300 known
                    same  | 500 | 100 | go on at 500, 500 known
                    same  | 600 | 100 | go on at 600, 600 known
                    same  | 600 | -   | go on at 600, 600 known
                    plain | 600 | 100 | start over at 100
                    plain | 600 | 500 | start over at 500
                    plain | 600 | -   | hold
                    other | 300 | 500 | start over at 100
                    other | 600 | -   | start over at 100
                    none  | 600 | 100 | start over at 100
                    """)
    void whereTheBrokerHasNothing(
            String read, long position, @Nullable Long initial, String course) {
        LogEpoch lineage =
                switch (read) {
                    case "same" -> new LogEpoch(NEW, 3);
                    case "plain" -> new LogEpoch(NEW, LogEpoch.NO_EPOCH);
                    case "other" -> new LogEpoch(OLD, 3);
                    default -> LogEpoch.UNKNOWN;
                };

        ResumePoint decided =
                ResumePoint.outOfRange(
                        lineage, position, new LogFacts(NEW, 100, 500, optional(initial), null));

        assertThat(words(decided)).isEqualTo(course);
    }

    @ParameterizedTest
    @ValueSource(strings = {"earliest", " Latest ", "none", "by_duration:PT1H", "BY_DURATION:P1D"})
    void aPolicyIsReadAsTheClientReadsIt(String policy) {
        assertThat(ResetPolicy.of(policy)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "first", "by_duration", "by_duration:", "by_duration:-PT1H"})
    void aPolicyThatThereIsNotIsRefused(String policy) {
        assertThatThrownBy(() -> ResetPolicy.of(policy))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allowed is earliest, latest, none or by_duration");
    }

    private static OptionalLong optional(@Nullable Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static String words(ResumePoint resumePoint) {
        return switch (resumePoint) {
            case ResumePoint.GoOn(OffsetMap map) ->
                    "go on at %d, %d known".formatted(map.base(), map.top());
            case ResumePoint.StartOver(OffsetMap map, LogResets.Reason _) ->
                    "start over at " + map.base();
            case ResumePoint.Hold _ -> "hold";
        };
    }
}
