package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.stream.LongStream;

class OffsetMapTest {
    static LongStream seeds() {
        return new Random().longs(50);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsWrittenIsReadBack(long seed) {
        OffsetMap map = random(new Random(seed), 2_000);

        OffsetMap.Metadata metadata = map.metadata();
        OffsetMap read = OffsetMap.read(metadata.text(), map.base());

        assertThat(metadata.truncated()).isFalse();
        assertThat(doneOffsets(read)).isEqualTo(doneOffsets(map));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theLowestPartThatFitsIsWritten(long seed) {
        OffsetMap map = random(new Random(seed), 20_000);

        OffsetMap.Metadata metadata = map.metadata();
        OffsetMap read = OffsetMap.read(metadata.text(), map.base());

        assertThat(metadata.text()).hasSizeLessThanOrEqualTo(OffsetMap.MAX_CHARS);
        List<Long> expected =
                doneOffsets(map).stream().filter(offset -> offset < read.top()).toList();
        assertThat(doneOffsets(read)).isEqualTo(expected);
        assertThat(metadata.truncated()).isEqualTo(read.top() < map.top());
    }

    @Test
    void thousandsOfIncompleteOffsetsFit() {
        List<Long> incomplete = new ArrayList<>();
        for (long each = 0; each < 2_900; each++) {
            incomplete.add(1_000_000_000L + 40 * each);
        }
        OffsetMap map = new OffsetMap(1_000_000_000L, 1_000_200_000L, incomplete);

        assertThat(map.metadata().truncated()).isFalse();
    }

    @Test
    void aMapThatSaysNothingIsEmpty() {
        OffsetMap map = new OffsetMap(5, 8, List.of(5L, 6L, 7L));

        assertThat(map.metadata()).isEqualTo(new OffsetMap.Metadata("", false));
    }

    @Test
    void aMapOfAnotherBaseSaysNothing() {
        String text = new OffsetMap(5, 50, List.of(5L, 9L)).metadata().text();

        assertThat(OffsetMap.read(text, 4)).isEqualTo(OffsetMap.none(4));
        assertThat(OffsetMap.read(text, 5).top()).isEqualTo(50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "not base64!", "AA", "AQ", "AYCAgICAgICAgICAgIA", "AgUt", "ÄÖ"})
    void damagedMetadataSaysNothing(String text) {
        assertThat(OffsetMap.read(text, 7)).isEqualTo(OffsetMap.none(7));
    }

    private static OffsetMap random(Random random, int mostOpen) {
        long base = random.nextLong(1L << 40);
        List<Long> incomplete = new ArrayList<>();
        incomplete.add(base);
        long last = base;
        int count = random.nextInt(mostOpen);
        for (int each = 0; each < count; each++) {
            last += 1 + (random.nextInt(10) == 0 ? random.nextInt(300) : random.nextInt(3));
            incomplete.add(last);
        }
        return new OffsetMap(base, last + 1 + random.nextInt(50), incomplete);
    }

    private static List<Long> doneOffsets(OffsetMap map) {
        NavigableSet<Long> incomplete = map.incompleteSet();
        return LongStream.range(map.base(), map.top())
                .boxed()
                .filter(offset -> !incomplete.contains(offset))
                .toList();
    }
}
