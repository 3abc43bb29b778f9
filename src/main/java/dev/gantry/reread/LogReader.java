package dev.gantry.reread;

import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.DefaultRecordBatch;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.RecordBatch;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * Reads what a broker sent, whatever it is: what can be read is found, what cannot is said with its
 * place, and reading goes on behind it. Reads no more at a time than one record.
 */
public final class LogReader {
    private static final int SIZE_AT = 8;
    private static final int MAGIC_AT = 16;
    private static final int LOG_OVERHEAD = 12;

    private final RawFetch fetch;
    private final ByteBuffer bytes;
    private final long largest;
    private final AbortedTransactions aborted;
    private @Nullable BatchReader batch;
    private boolean begun;

    /** The next offset. */
    private long position;

    /**
     * @param largest bytes of a record that is kept
     */
    public LogReader(RawFetch fetch, long largest) {
        this.fetch = fetch;
        this.bytes = fetch.records().buffer();
        this.largest = largest;
        this.aborted = new AbortedTransactions(fetch.aborted());
        this.position = fetch.offset();
    }

    /** The next offset to be read, in this fetch or in one behind it. */
    public long position() {
        return position;
    }

    /** What comes next; null at the end. */
    @Nullable
    public LogPiece next() {
        while (true) {
            if (batch == null) {
                LogPiece obstacle = open();
                if (obstacle != null || batch == null) {
                    return passed(obstacle);
                }
            }
            LogPiece piece = batch.next();
            if (piece == null) {
                position = Math.max(position, batch.end());
                batch = null;
            } else if (piece.next() > position) {
                return passed(piece);
            }
        }
    }

    private @Nullable LogPiece passed(@Nullable LogPiece piece) {
        if (piece == null) {
            return null;
        }
        long from = position;
        position = piece.next();
        return piece instanceof LogPiece.Damaged damaged
                ? new LogPiece.Damaged(Math.max(from, damaged.from()), position, damaged.reason())
                : piece;
    }

    /** Opens the next batch, if there is one; else says what stands in its place. */
    private @Nullable LogPiece open() {
        boolean first = !begun;
        begun = true;
        if (fetch.error() == Errors.CORRUPT_MESSAGE && first) {
            return new LogPiece.Damaged(position, position + 1, "the broker cannot read it");
        }
        while (bytes.remaining() > MAGIC_AT) {
            int at = bytes.position();
            DefaultRecordBatch sound = sound(at, position);
            if (sound == null) {
                return damaged(at, first);
            }
            first = false;
            bytes.position(at + sound.sizeInBytes());
            if (!aborted.hides(sound)) {
                batch = new BatchReader(fetch.partition(), sound, largest);
                return null;
            }
            position = Math.max(position, sound.nextOffset());
        }
        return null;
    }

    /** The batch that begins at this byte; null if none does, or it is not what was written. */
    private @Nullable DefaultRecordBatch sound(int at, long least) {
        if (bytes.limit() - at < DefaultRecordBatch.RECORD_BATCH_OVERHEAD
                || bytes.get(at + MAGIC_AT) != RecordBatch.CURRENT_MAGIC_VALUE) {
            return null;
        }
        long size = (long) bytes.getInt(at + SIZE_AT) + LOG_OVERHEAD;
        if (size < DefaultRecordBatch.RECORD_BATCH_OVERHEAD || size > bytes.limit() - at) {
            return null;
        }
        long base = bytes.getLong(at);
        long last = base + bytes.getInt(at + DefaultRecordBatch.LAST_OFFSET_DELTA_OFFSET);
        boolean placed = base >= 0 && last >= Math.max(base, least);
        // The broker notes the end before it reads the log, to which more may be added meanwhile:
        // what joins on to what was read lies where it says, though it ends beyond.
        boolean beyond = fetch.end() >= 0 && last >= fetch.end() && base != position;
        if (!placed || beyond) {
            return null;
        }
        DefaultRecordBatch batch = batch(at, (int) size);
        return batch.isValid() ? batch : null;
    }

    private DefaultRecordBatch batch(int at, int size) {
        MemoryRecords alone = MemoryRecords.readableRecords(bytes.slice(at, size));
        return (DefaultRecordBatch) alone.batches().iterator().next();
    }

    /** Up to the next batch that is whole; the last one in a fetch may just not be all there. */
    private @Nullable LogPiece damaged(int at, boolean first) {
        int size = bytes.getInt(at + SIZE_AT);
        int end = size < 0 ? Integer.MAX_VALUE : Math.addExact(at, LOG_OVERHEAD) + size;
        for (int ahead = at + 1; ahead < bytes.limit() - MAGIC_AT; ahead++) {
            DefaultRecordBatch next = sound(ahead, position + 1);
            if (next != null && next.baseOffset() > position) {
                bytes.position(ahead);
                return new LogPiece.Damaged(position, next.baseOffset(), reason(at, size));
            }
        }
        bytes.position(bytes.limit());
        boolean cutOff = end < 0 || end > bytes.limit();
        return cutOff && !first
                ? null
                : new LogPiece.Damaged(position, behind(at, cutOff), reason(at, size));
    }

    /** What its own head says, if that agrees with itself; else one offset further. */
    private long behind(int at, boolean cutOff) {
        if (cutOff || bytes.limit() - at < DefaultRecordBatch.RECORD_BATCH_OVERHEAD) {
            return position + 1;
        }
        int delta = bytes.getInt(at + DefaultRecordBatch.LAST_OFFSET_DELTA_OFFSET);
        int count = bytes.getInt(at + DefaultRecordBatch.RECORDS_COUNT_OFFSET);
        long next = bytes.getLong(at) + delta + 1;
        boolean agrees = delta >= 0 && count == delta + 1 && next > position;
        return agrees && (fetch.end() < 0 || next <= fetch.end()) ? next : position + 1;
    }

    private String reason(int at, int size) {
        try {
            if (size >= 0 && size <= bytes.limit() - at - LOG_OVERHEAD) {
                batch(at, size + LOG_OVERHEAD).ensureValid();
            }
            return "the batch's head makes no sense";
        } catch (CorruptRecordException | ClassCastException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
