package dev.gantry.metering;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;

/** The parts that an attempt's tokens are priced in; they never overlap. */
public enum TokenKind {
    INPUT_UNCACHED,
    INPUT_CACHE_READ,
    INPUT_CACHE_WRITE,
    INPUT_CACHE_WRITE_1H("cache_write_1h_input_tokens"),
    INPUT_AUDIO("audio_input_tokens"),
    OUTPUT_TEXT,
    OUTPUT_REASONING,
    OUTPUT_AUDIO("audio_output_tokens");

    static final List<TokenKind> ALL = List.of(values());

    private final String label = name().toLowerCase(Locale.ROOT);

    private final @Nullable String counter;

    TokenKind() {
        this(null);
    }

    TokenKind(@Nullable String counter) {
        this.counter = counter;
    }

    /** The counter of the usage that holds this part; null: it has a member of its own. */
    @Nullable String counter() {
        return counter;
    }

    boolean input() {
        return compareTo(OUTPUT_TEXT) < 0;
    }

    public String label() {
        return label;
    }
}
