package dev.gantry.intake.position;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the worker holds of some of its partitions together: taken and not done. */
public final class HeldRecords {
    /** Which counts it, too; null: nothing does. */
    private final @Nullable HeldRecords whole;

    private final AtomicInteger records = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    public HeldRecords() {
        this.whole = null;
    }

    private HeldRecords(HeldRecords whole) {
        this.whole = whole;
    }

    /** A part of it. */
    public HeldRecords part() {
        return new HeldRecords(this);
    }

    /** One more, of so many bytes. */
    public void add(int held) {
        records.incrementAndGet();
        bytes.addAndGet(held);
        if (whole != null) {
            whole.add(held);
        }
    }

    public void remove(int held) {
        records.decrementAndGet();
        bytes.addAndGet(-held);
        if (whole != null) {
            whole.remove(held);
        }
    }

    /** So many more of those that there are. */
    public void bytes(int more) {
        bytes.addAndGet(more);
        if (whole != null) {
            whole.bytes(more);
        }
    }

    public int records() {
        return records.get();
    }

    public long bytes() {
        return bytes.get();
    }
}
