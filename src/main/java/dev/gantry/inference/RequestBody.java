package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request's body as the caller wrote it: a slice of the record's bytes, where its top-level
 * members stand, and the facts that routing needs. The bytes are never parsed into a tree and never
 * re-serialised.
 *
 * <p>The array is shared with the Kafka record and must not be written to.
 */
public final class RequestBody {
    private final byte[] bytes;
    private final int start;
    private final int end;
    private final List<Member> members;
    private final Facts facts;

    /**
     * @param start index of the opening brace
     * @param end index after the closing brace
     */
    public RequestBody(byte[] bytes, int start, int end, List<Member> members, Facts facts) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        this.members = List.copyOf(members);
        this.facts = facts;
    }

    /**
     * A top-level member; positions are absolute in {@link #bytes()}.
     *
     * @param nameStart index of the name's opening quote
     * @param valueStart index of the value's first byte
     * @param valueEnd index after the value's last byte
     */
    public record Member(String name, int nameStart, int valueStart, int valueEnd) {}

    /**
     * What one pass over the body learnt.
     *
     * @param model as the caller named it, null where none is named
     * @param estimatedInputTokens tokens of everything sent: system, messages and tools; at least 1
     * @param longestInputTokens as many of them as are read at once: of texts that are answered
     *     each for itself, those of the longest; a window has to hold no more
     * @param mediaElsewhere whether media is only named, by an address or a file's id, or what was
     *     said before is: how many tokens it has cannot be told from here
     * @param requestedOutputTokens the weightiest of the operation's limits, of each choice
     * @param limitField the member that the operation wants a limit in; null: the lane's own
     * @param choices how many answers are asked for, at least 1
     * @param forms what messages and tools hold beside texts, pictures and functions, by OpenAI's
     *     words for it ({@code input_audio}; {@code file_id} where something is named by one); a
     *     few words at most
     */
    public record Facts(
            @Nullable String model,
            Set<Capability> needs,
            long estimatedInputTokens,
            long longestInputTokens,
            boolean mediaElsewhere,
            @Nullable Long requestedOutputTokens,
            @Nullable String limitField,
            long choices,
            @Nullable String serviceTier,
            Set<String> forms) {
        public Facts {
            needs = Set.copyOf(needs);
            forms = Set.copyOf(forms);
        }

        /** Of a chat of texts, pictures and functions only. */
        public Facts(
                @Nullable String model,
                Set<Capability> needs,
                long estimatedInputTokens,
                boolean mediaElsewhere,
                @Nullable Long requestedOutputTokens,
                long choices,
                @Nullable String serviceTier) {
            this(
                    model,
                    needs,
                    estimatedInputTokens,
                    estimatedInputTokens,
                    mediaElsewhere,
                    requestedOutputTokens,
                    null,
                    choices,
                    serviceTier,
                    Set.of());
        }

        /** Whether the caller asks for the answer as it comes. */
        public boolean streams() {
            return needs.contains(Capability.STREAMING);
        }

        /** So many tokens of each choice; a product too large to count is the most there is. */
        public long ofAllChoices(long each) {
            return Math.multiplyHigh(each, choices) == 0 && each * choices >= 0
                    ? each * choices
                    : Long.MAX_VALUE;
        }
    }

    public byte[] bytes() {
        return bytes;
    }

    public int start() {
        return start;
    }

    public int end() {
        return end;
    }

    /** Bytes. */
    public int size() {
        return end - start;
    }

    /** In the order of writing. */
    public List<Member> members() {
        return members;
    }

    public Optional<Member> member(String name) {
        for (Member each : members) { // asked a dozen times for every call
            if (each.name().equals(name)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    public Facts facts() {
        return facts;
    }

    /** The JSON text; for audit content and tests, not for the hot path. */
    public String text() {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    /** Names the size only: prompts never reach a log. */
    @Override
    public String toString() {
        return "RequestBody[" + (end - start) + " bytes]";
    }
}
