package dev.gantry.intake.offset;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What of one partition is done, and where that is written down: in the commit's metadata as far as
 * it has room, beyond in the table of finished positions. Not thread-safe: whoever holds the
 * partition guards it.
 */
public final class PartitionProgress {
    /** Of rows for the table at a time. */
    private static final int ROWS = 5_000;

    private final OffsetLedger ledger;
    private final RecordTimestamps timestamps = new RecordTimestamps();

    /** Timestamps by offset, of requests finished before this assignment. */
    private final Map<Long, Long> finished = new HashMap<>();

    /** The watermark of the assignment's beginning. */
    private final long restoredBase;

    /** Done offsets that the table has. */
    private OffsetBits saved;

    /** Whether the lineage's epoch is the highest of all that is known. */
    private boolean epochHolds;

    private @Nullable OffsetAndMetadata committed;
    private OffsetMapText.Written written = new OffsetMapText.Written("", 0);
    private long writtenVersion = -1;
    private int writtenChars;

    public PartitionProgress(OffsetMap restored) {
        this.ledger = new OffsetLedger(restored);
        this.saved = new OffsetBits(restored.base());
        this.restoredBase = restored.base();
        this.epochHolds =
                restored.lineage().epoch() != LogEpoch.NO_EPOCH
                        || restored.top() == restored.base();
    }

    public long position() {
        return ledger.position();
    }

    public long top() {
        return ledger.top();
    }

    public long watermark() {
        return ledger.watermark();
    }

    public long doneAbove() {
        return ledger.doneAbove();
    }

    public LogEpoch lineage() {
        return ledger.lineage();
    }

    /** How many offsets in [position, end) nobody has worked on. */
    public long undoneBelow(long end) {
        OffsetMap map = ledger.map().from(ledger.position());
        long undone = map.undoneBelow(end);
        return undone
                - finished.keySet().stream().filter(each -> !map.done(each) && each < end).count();
    }

    /** These need no work once they are delivered, whatever the ledger says. */
    public void finished(Map<Long, Long> stampsByOffset) {
        finished.putAll(stampsByOffset);
    }

    /** How many finished requests are still to come. */
    public int skips() {
        return finished.size();
    }

    /** Whether it came to stand in the place of one that is known: a later leader wrote it. */
    public boolean overwritten(long offset, int epoch) {
        return epochHolds && offset < ledger.top() && epoch > ledger.lineage().epoch();
    }

    /** Whether the record that was delivered from there last is known, and was another one. */
    public boolean strange(long offset, long stamp) {
        return timestamps.of(offset) != RecordTimestamps.NONE && timestamps.of(offset) != stamp;
    }

    /** Takes a delivered record; false if it is done already. */
    public boolean begin(long offset, long stamp, int epoch) {
        // What a restored map tells of may be later than what is delivered again.
        ledger.lineage(ledger.lineage().at(Math.max(epoch, ledger.lineage().epoch())));
        Long known = finished.remove(offset);
        timestamps.put(offset, stamp, Math.min(ledger.watermark(), told()));
        if (!ledger.begin(offset)) {
            return false;
        }
        // A different timestamp is another record, which came to stand at the same offset.
        if (known != null && known == stamp) {
            saved.add(offset);
            ledger.complete(offset);
            return false;
        }
        return true;
    }

    public void complete(long offset) {
        ledger.complete(offset);
    }

    public void delivered(long position) {
        ledger.delivered(position);
    }

    /** The log ends here: what was above is gone, what comes there is new. */
    public void cut(long end) {
        if (end < ledger.watermark()) {
            // What comes now lies below all that there is room for.
            saved = new OffsetBits(end);
        } else {
            saved.removeFrom(end);
        }
        ledger.cut(end);
        timestamps.cut(end);
        finished.keySet().removeIf(each -> each >= end);
    }

    /** What is known is of no later epoch than this. */
    public void epochAtMost(int epoch) {
        ledger.lineage(ledger.lineage().at(Math.min(epoch, ledger.lineage().epoch())));
        epochHolds &= epoch != LogEpoch.NO_EPOCH;
    }

    /** What to commit now; empty if the broker has it already. */
    public Optional<OffsetAndMetadata> due(int maxChars) {
        OffsetAndMetadata next = new OffsetAndMetadata(ledger.watermark(), write(maxChars).text());
        return next.equals(committed) ? Optional.empty() : Optional.of(next);
    }

    /** The broker has taken this commit, or holds it since before the assignment. */
    public void committed(OffsetAndMetadata taken) {
        committed = taken;
    }

    /** Timestamps by offset, of what is done and told neither by the commit nor by the table. */
    public Map<Long, Long> unsaved(int maxChars) {
        Map<Long, Long> rows = new HashMap<>();
        long top = ledger.top();
        for (long each = nextUntold(write(maxChars).reached());
                each < top && rows.size() < ROWS;
                each = nextUntold(each + 1)) {
            long stamp = timestamps.of(each);
            if (stamp != RecordTimestamps.NONE) {
                rows.put(each, stamp);
            }
        }
        return rows;
    }

    /** Below, all is done and the broker knows. */
    private long told() {
        return committed == null ? restoredBase : committed.offset();
    }

    /** Timestamps by offset, of what is done and not told by what the broker holds. */
    public Map<Long, Long> uncommitted() {
        long told = told();
        OffsetMap known =
                committed == null
                        ? OffsetMap.none(told)
                        : OffsetMap.read(committed.metadata(), told);
        Map<Long, Long> rows = new HashMap<>();
        for (long each = told; each < ledger.top() && rows.size() < ROWS; each++) {
            long stamp = timestamps.of(each);
            if (stamp != RecordTimestamps.NONE && ledger.done(each) && !known.done(each)) {
                rows.put(each, stamp);
            }
        }
        return rows;
    }

    /** The lowest done offset from here on that the table has not; the top if there is none. */
    private long nextUntold(long from) {
        long each = ledger.nextDone(from);
        while (each < ledger.top() && saved.contains(each)) {
            each = ledger.nextDone(saved.nextGap(each));
        }
        return each;
    }

    /** The table has these. */
    public void saved(Map<Long, Long> rows) {
        long watermark = ledger.watermark();
        rows.forEach(
                (offset, stamp) -> {
                    if (offset >= watermark && timestamps.of(offset) == stamp) {
                        saved.add(offset);
                    }
                });
    }

    /** Whether something is done that neither the commit nor the table tells. */
    public boolean untold(int maxChars) {
        return nextUntold(write(maxChars).reached()) < ledger.top();
    }

    /** Whether the commit's metadata has less than a quarter of its room left. */
    public boolean crowded(int maxChars) {
        return write(maxChars).text().length() > maxChars / 4 * 3;
    }

    private OffsetMapText.Written write(int maxChars) {
        if (writtenVersion != ledger.version() || writtenChars != maxChars) {
            written = OffsetMapText.write(ledger.map(), maxChars);
            writtenVersion = ledger.version();
            writtenChars = maxChars;
            saved.drop(ledger.watermark());
        }
        return written;
    }
}
