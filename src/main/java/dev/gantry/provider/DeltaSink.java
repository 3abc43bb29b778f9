package dev.gantry.provider;

import dev.gantry.inference.Usage;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What one call tells of its answer while it comes; on the call's own thread. */
public interface DeltaSink {
    /** For those who wait for the whole. */
    DeltaSink NONE =
            new DeltaSink() {
                @Override
                public void delta(byte[] chunk) {}

                @Override
                public void closing(List<byte[]> chunks) {}

                @Override
                public void cut(Usage came) {}
            };

    /** The same, and its heads are for somebody else. */
    static DeltaSink listening(Consumer<Map<String, String>> heads, DeltaSink to) {
        return new DeltaSink() {
            @Override
            public void head(Map<String, String> headers) {
                heads.accept(headers);
            }

            @Override
            public void delta(byte[] chunk) {
                to.delta(chunk);
            }

            @Override
            public void closing(List<byte[]> chunks) {
                to.closing(chunks);
            }

            @Override
            public void cut(Usage came) {
                to.cut(came);
            }
        };
    }

    /**
     * Its head has come, of any status; first, and of answers that are read whole, too.
     *
     * @param headers first value per name, names in lower case; they may hold secrets
     */
    default void head(Map<String, String> headers) {}

    /** The next one, in OpenAI's form. */
    void delta(byte[] chunk);

    /** The chunks behind the last delta; to be told if the answer is a good one. */
    void closing(List<byte[]> chunks);

    /**
     * The answer broke off.
     *
     * @param came what it has used, as far as is known or can be told from what came
     */
    void cut(Usage came);
}
