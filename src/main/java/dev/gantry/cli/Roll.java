package dev.gantry.cli;

/**
 * Who is expected and who has answered, by custom id.
 *
 * <p>Not safe for several threads.
 */
final class Roll {
    private final Fingerprints expected = new Fingerprints();
    private final Fingerprints answered = new Fingerprints();
    private int pending;
    private int unexpected;

    /** Whether the id is new to the roll. */
    boolean expect(String customId) {
        boolean fresh = expected.add(customId);
        if (fresh && answered.contains(customId)) {
            unexpected--;
        } else if (fresh) {
            pending++;
        }
        return fresh;
    }

    boolean expects(String customId) {
        return expected.contains(customId);
    }

    /** Whether this is the id's first answer; a batch that reads itself twice counts it once. */
    boolean answer(String customId) {
        boolean first = answered.add(customId);
        if (first && expected.contains(customId)) {
            pending--;
        } else if (first) {
            unexpected++;
        }
        return first;
    }

    /** Everybody heard of: expected, or answered without having been expected. */
    int size() {
        return expected.size() + unexpected;
    }

    int expected() {
        return expected.size();
    }

    int answered() {
        return answered.size();
    }

    int pending() {
        return pending;
    }
}
