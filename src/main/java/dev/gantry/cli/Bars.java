package dev.gantry.cli;

import java.nio.charset.Charset;

/** The characters that bars are drawn with. */
public enum Bars {
    BLOCKS("█", "░"),
    /** For terminals that know nothing else. */
    ASCII("#", "-");

    private final String full;
    private final String empty;

    Bars(String full, String empty) {
        this.full = full;
        this.empty = empty;
    }

    static Bars of(Charset charset) {
        return charset.newEncoder().canEncode('█') ? BLOCKS : ASCII;
    }

    public String draw(int fullWidth, int emptyWidth) {
        return full.repeat(fullWidth) + empty.repeat(emptyWidth);
    }
}
