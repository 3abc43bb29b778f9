package dev.gantry.intake.offset;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Maps of done offsets, as tests write and compare them. */
public final class Maps {
    private Maps() {}

    public static OffsetMap of(long base, long top, List<Long> incomplete) {
        return of(base, top, incomplete, LogEpoch.UNKNOWN);
    }

    public static OffsetMap of(long base, long top, List<Long> incomplete, LogEpoch lineage) {
        OffsetBits bits = new OffsetBits(base);
        incomplete.forEach(bits::add);
        return new OffsetMap(base, top, bits, lineage);
    }

    static List<Long> incomplete(OffsetMap map) {
        return LongStream.range(map.base(), map.top())
                .filter(map.incomplete()::contains)
                .boxed()
                .toList();
    }

    static Set<Long> done(OffsetMap map) {
        return LongStream.range(map.base(), map.top())
                .filter(map::done)
                .boxed()
                .collect(Collectors.toSet());
    }

    /** In words, to be compared. */
    static String text(OffsetMap map) {
        return "%d to %d without %s".formatted(map.base(), map.top(), incomplete(map));
    }
}
