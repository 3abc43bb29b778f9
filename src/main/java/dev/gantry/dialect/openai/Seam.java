package dev.gantry.dialect.openai;

import dev.gantry.dialect.openai.OutboundBody.Slice;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Collects slices of one source and texts between them; neighbouring slices grow together. */
final class Seam {
    private final byte[] source;
    private final List<Slice> slices = new ArrayList<>();

    /** The slice being collected is from start up to end; both are positions in source. */
    private int start;

    private int end;

    Seam(byte[] source, int start) {
        this.source = source;
        this.start = start;
        this.end = start;
    }

    void copyTo(int position) {
        end = position;
    }

    /** Goes on at a position; what lies between is left out. */
    void resume(int position) {
        if (position != end) {
            flush();
            start = position;
            end = position;
        }
    }

    void insert(String text) {
        flush();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        slices.add(new Slice(bytes, 0, bytes.length));
        start = end;
    }

    List<Slice> slices() {
        flush();
        return slices;
    }

    private void flush() {
        if (end > start) {
            slices.add(new Slice(source, start, end));
        }
        start = end;
    }
}
