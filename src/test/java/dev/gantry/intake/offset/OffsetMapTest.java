package dev.gantry.intake.offset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.intake.offset.OffsetMapText.Reading;
import dev.gantry.intake.offset.OffsetMapText.Written;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;

/** The wire form of a map, and what it holds. */
class OffsetMapTest {
    private static final long BASE = 1_000_000_000L;

    static LongStream seeds() {
        return new Random().longs(50);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsWrittenIsReadBack(long seed) {
        Random random = new Random(seed);
        OffsetMap map = random(random, 2_000, lineage(random));

        Written written = OffsetMapText.write(map, OffsetMapText.MAX_CHARS);
        OffsetMap read = read(written.text(), map.base());

        assertThat(written.reached()).isEqualTo(map.top());
        assertThat(Maps.done(read)).isEqualTo(Maps.done(map));
        assertThat(read.lineage()).isEqualTo(map.lineage());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theLowestPartThatFitsIsWrittenWhateverTheLimit(long seed) {
        Random random = new Random(seed);
        OffsetMap map = random(random, 30_000, lineage(random));
        int limit = random.nextInt(OffsetMapText.MAX_CHARS + 1);

        Written written = OffsetMapText.write(map, limit);
        OffsetMap read = read(written.text(), map.base());

        assertThat(written.text()).hasSizeLessThanOrEqualTo(limit);
        Set<Long> below = new HashSet<>(Maps.done(map));
        below.removeIf(offset -> offset >= written.reached());
        assertThat(Maps.done(read)).isEqualTo(below);
    }

    @ParameterizedTest(name = "{0} offsets, each {1}th done")
    @CsvSource({"24000, 2", "18000, 3", "32000, 8", "300000, 100000"})
    void whatWaitsInPatternsFits(int window, int each) {
        List<Long> incomplete =
                LongStream.range(0, window)
                        .filter(offset -> offset % each != 1)
                        .map(offset -> BASE + offset)
                        .boxed()
                        .toList();
        OffsetMap map = Maps.of(BASE, BASE + window, incomplete, lineage(new Random(1)));

        Written written = OffsetMapText.write(map, OffsetMapText.MAX_CHARS);

        assertThat(written.reached()).isEqualTo(map.top());
        assertThat(Maps.incomplete(read(written.text(), BASE))).isEqualTo(incomplete);
    }

    @Test
    void neighboursThatWaitTogetherCostAFewBytes() {
        List<Long> incomplete = LongStream.range(BASE, BASE + 50_000).boxed().toList();
        OffsetMap map = Maps.of(BASE, BASE + 100_000, incomplete, lineage(new Random(1)));

        assertThat(OffsetMapText.write(map, OffsetMapText.MAX_CHARS).text()).hasSizeLessThan(64);
    }

    @Test
    void aMapThatSaysNothingIsEmptyUnlessItsLogHasAName() {
        List<Long> all = List.of(5L, 6L, 7L);
        LogEpoch lineage = lineage(new Random(1));

        assertThat(OffsetMapText.write(Maps.of(5, 8, all), 4096)).isEqualTo(new Written("", 8));
        String named = OffsetMapText.write(Maps.of(5, 8, all, lineage), 4096).text();
        assertThat(named).hasSizeLessThan(48);
        assertThat(read(named, 5).lineage()).isEqualTo(lineage);
        assertThat(read(named, 5).top()).isEqualTo(5);
    }

    @Test
    void aMapOfAnotherBaseSaysNothing() {
        String text = OffsetMapText.write(Maps.of(5, 50, List.of(5L, 9L)), 4096).text();

        assertThat(OffsetMapText.read(text, 4)).isEqualTo(new Reading.Foreign());
        assertThat(OffsetMap.read(text, 4).top()).isEqualTo(4);
        assertThat(read(text, 5).top()).isEqualTo(50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "not base64!", "AA", "AQ", "AYCAgICAgICAgICAgIA", "AgUt", "ÄÖ"})
    void metadataOfSomebodyElseSaysNothing(String text) {
        assertThat(OffsetMapText.read(text, 7)).isEqualTo(new Reading.Foreign());
        assertThat(OffsetMap.read(text, 7).top()).isEqualTo(7);
    }

    @ParameterizedTest(name = "{0} parked neighbours")
    @ValueSource(ints = {10, 5_000})
    void aMapThatBreaksOffIsDamagedAndNotEmpty(int parked) {
        List<Long> incomplete = new ArrayList<>();
        for (long each = 0; each < parked; each++) {
            incomplete.add(BASE + 3 * each);
        }
        String text =
                OffsetMapText.write(
                                Maps.of(BASE, BASE + 3L * parked, incomplete),
                                OffsetMapText.MAX_CHARS)
                        .text();
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        byte[] broken = java.util.Arrays.copyOf(bytes, parked > 3_000 ? bytes.length - 9 : 6);
        String torn = Base64.getUrlEncoder().withoutPadding().encodeToString(broken);

        assertThat(OffsetMapText.read(torn, BASE)).isInstanceOf(Reading.Damaged.class);
    }

    /** Of both formats: the epoch, or a part of the topic's id, is larger than there is one. */
    @ParameterizedTest(name = "format {0}")
    @ValueSource(ints = {1, 2})
    void aMapWhoseLogHasNoPossibleNameIsDamagedAndNotEmpty(int format) {
        long most = Long.MAX_VALUE;
        assertThat(OffsetMapText.read(named(format, 1, 1, 1, 5), BASE))
                .isInstanceOf(Reading.Known.class);

        for (long epoch : new long[] {1L + Integer.MAX_VALUE + 1, most, Long.MIN_VALUE, -1}) {
            assertThat(OffsetMapText.read(named(format, 1, 1, 1, epoch), BASE))
                    .as("epoch %d", epoch - 1)
                    .isInstanceOf(Reading.Damaged.class);
        }
        assertThat(OffsetMapText.read(named(format, 1, most, 1, 5), BASE))
                .isInstanceOf(Reading.Damaged.class);
        assertThat(OffsetMapText.read(named(format, 1, 1, most, 5), BASE))
                .isInstanceOf(Reading.Damaged.class);
    }

    /** A map of an empty window. */
    private static String named(int format, long first, long second, long third, long epoch) {
        java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(100).put((byte) format);
        if (format == 1) {
            Varint.put(bytes, BASE);
            Varint.put(bytes, 0);
        }
        for (long each : new long[] {first, second, third, epoch}) {
            Varint.put(bytes, each);
        }
        if (format == 2) {
            Varint.put(bytes, BASE);
            Varint.put(bytes, 0);
        }
        byte[] exact = java.util.Arrays.copyOf(bytes.array(), bytes.position());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(exact);
    }

    /** Whatever a byte of it becomes: it is a map, somebody else's or damaged, and no accident. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aByteThatIsNotWhatWasWrittenEndsNoReading(long seed) {
        Random random = new Random(seed);
        OffsetMap map = random(random, 20, lineage(random));
        for (String text :
                List.of(OffsetMapText.write(map, OffsetMapText.MAX_CHARS).text(), runs(map))) {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            for (int at = 0; at < Math.min(bytes.length, 60); at++) {
                byte[] spoiled = bytes.clone();
                spoiled[at] = (byte) random.nextInt();
                String read = Base64.getUrlEncoder().withoutPadding().encodeToString(spoiled);

                assertThat(OffsetMapText.read(read, map.base())).as("byte %d", at).isNotNull();
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void thePreviousReleaseReadsWhatIsListed(long seed) {
        Random random = new Random(seed);
        OffsetMap map = random(random, 2_000, lineage(random));

        String text = OffsetMapText.write(map, OffsetMapText.MAX_CHARS).text();

        PreviousRelease.Map read = PreviousRelease.read(text, map.base());
        assertThat(read.top()).isEqualTo(map.top());
        assertThat(read.incomplete().stream().filter(offset -> offset < read.top()).toList())
                .isEqualTo(Maps.incomplete(map));
        // What it does not know lies where it has not been: it is forgotten with the next record.
        assertThat(read.incomplete()).allMatch(offset -> offset >= map.base());
        assertThat(PreviousRelease.read(runs(map), map.base()).top()).isEqualTo(map.base());
    }

    private static String runs(OffsetMap map) {
        List<Long> many = LongStream.range(0, 9_000).mapToObj(each -> map.base() + each).toList();
        OffsetMap wide = Maps.of(map.base(), map.base() + 9_001, many, map.lineage());
        return OffsetMapText.write(wide, OffsetMapText.MAX_CHARS).text();
    }

    @Test
    void whatIsUndoneBelowAnOffsetIsCounted() {
        OffsetMap map = Maps.of(10, 20, List.of(10L, 12L, 19L));

        assertThat(map.undoneBelow(5)).isZero();
        assertThat(map.undoneBelow(12)).isEqualTo(1);
        assertThat(map.undoneBelow(20)).isEqualTo(3);
        assertThat(map.undoneBelow(25)).isEqualTo(8);
        assertThat(Maps.text(map.upTo(13))).isEqualTo("10 to 13 without [10, 12]");
        assertThat(Maps.text(map.from(11))).isEqualTo("11 to 20 without [12, 19]");
        assertThat(Maps.text(map)).isEqualTo("10 to 20 without [10, 12, 19]");
    }

    private static OffsetMap read(String text, long committed) {
        return switch (OffsetMapText.read(text, committed)) {
            case Reading.Known(OffsetMap map) -> map;
            case Reading.Foreign _, Reading.Damaged _ -> throw new AssertionError(text);
        };
    }

    private static LogEpoch lineage(Random random) {
        return new LogEpoch(
                new Uuid(random.nextLong(), random.nextLong() | 1), random.nextInt(1_000) - 1);
    }

    private static OffsetMap random(Random random, int mostOpen, LogEpoch lineage) {
        long base = random.nextLong(1L << 40);
        List<Long> incomplete = new ArrayList<>();
        incomplete.add(base);
        long last = base;
        int count = random.nextInt(mostOpen);
        for (int each = 0; each < count; each++) {
            last += 1 + (random.nextInt(10) == 0 ? random.nextInt(300) : random.nextInt(3));
            incomplete.add(last);
        }
        return Maps.of(base, last + 1 + random.nextInt(50), incomplete, lineage);
    }
}
