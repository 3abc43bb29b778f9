package dev.gantry.classification;

import dev.gantry.inference.RequestBody;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The runs of words that an error shares with the request: who wrote them cannot be told, so they
 * say nothing of the lane. Costs one pass over the request, and only where words alone would
 * decide.
 */
final class SharedWords {
    /** Shorter runs are anybody's. */
    private static final int RUN = 3;

    /** Stands where the request's own words stood; no whole sentence of the provider holds it. */
    static final char BLANK = '▯';

    private final String text;
    private final List<Word> words = new ArrayList<>();
    private final Map<Long, List<Integer>> runs = new HashMap<>();
    private final BitSet shared = new BitSet();

    private record Word(int start, int end) {}

    private SharedWords(String text) {
        this.text = text;
    }

    /**
     * An output limit is a name and a number: saying it again is no echo of the prompt.
     *
     * @param text comparable, as {@link Wording#comparable} makes it
     */
    static String blanked(String text, RequestBody request) {
        SharedWords sharedWords = new SharedWords(text);
        sharedWords.readText();
        if (sharedWords.words.size() < RUN) {
            return text;
        }
        int from = request.start();
        for (RequestBody.Member member : request.members()) {
            if (Expendable.OUTPUT_LIMITS.contains(member.name())) {
                sharedWords.readRequest(request.bytes(), from, member.nameStart());
                from = member.valueEnd();
            }
        }
        sharedWords.readRequest(request.bytes(), from, request.end());
        return sharedWords.rest();
    }

    /**
     * The sentences that hold no run of words out of the request: the names that its members have
     * are everybody's, where they are plain names, and so is the model's: the lane has its own name
     * for it, which is what it says.
     *
     * @param text comparable
     */
    static String ownSentences(String text, RequestBody request) {
        SharedWords sharedWords = new SharedWords(text);
        sharedWords.readText();
        for (RequestBody.Member member : request.members()) {
            if (member.name().equals("model")) {
                continue;
            }
            boolean plain = Wording.isCode(member.name());
            sharedWords.readRequest(
                    request.bytes(),
                    plain ? member.valueStart() : member.nameStart(),
                    member.valueEnd());
        }
        return wholeSentences(sharedWords.rest());
    }

    static String wholeSentences(String blanked) {
        return sentences(blanked).stream()
                .filter(sentence -> sentence.indexOf(BLANK) < 0)
                .collect(Collectors.joining(" "));
    }

    static List<String> sentences(String text) {
        return List.of(text.split("(?<=[.!?;])(?!\\d) | / ", -1));
    }

    /** Whether the request holds this very text. */
    static boolean holds(RequestBody request, @Nullable String code) {
        if (code == null) {
            return false;
        }
        byte[] wanted = code.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = request.bytes();
        for (int at = request.start(); at <= request.end() - wanted.length; at++) {
            if (bytes[at] == wanted[0]
                    && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    private void readText() {
        new Words(this::hear).read(text, false);
        for (int at = 0; at + RUN <= words.size(); at++) {
            long hash = 0;
            for (int each = at; each < at + RUN; each++) {
                Word word = words.get(each);
                hash = joined(hash, text.substring(word.start, word.end).hashCode());
            }
            runs.computeIfAbsent(hash, _ -> new ArrayList<>()).add(at);
        }
    }

    private void hear(String read, int start, int end) {
        words.add(new Word(start, end));
    }

    private void readRequest(byte[] bytes, int start, int end) {
        int[] last = new int[RUN];
        String body = new String(bytes, start, end - start, StandardCharsets.UTF_8);
        new Words(
                        (read, from, to) -> {
                            System.arraycopy(last, 1, last, 0, RUN - 1);
                            last[RUN - 1] = Words.hash(read, from, to);
                            long hash = 0;
                            for (int each : last) {
                                hash = joined(hash, each);
                            }
                            runs.getOrDefault(hash, List.of())
                                    .forEach(at -> shared.set(at, at + RUN));
                        })
                .read(body, true);
    }

    private static long joined(long run, int word) {
        return run * 0x9E3779B97F4A7C15L + word;
    }

    private String rest() {
        if (shared.isEmpty()) {
            return text;
        }
        StringBuilder rest = new StringBuilder(text.length());
        int from = 0;
        for (int at = shared.nextSetBit(0); at >= 0; at = shared.nextSetBit(at)) {
            int next = shared.nextClearBit(at);
            rest.append(text, from, words.get(at).start).append(BLANK);
            from = words.get(next - 1).end;
            at = next;
        }
        return rest.append(text, from, text.length()).toString();
    }

    /**
     * Takes a text apart into words: runs of letters and digits, or one sign of a script without.
     */
    private static final class Words {
        private final Listener listener;

        interface Listener {
            void word(String text, int start, int end);
        }

        Words(Listener listener) {
            this.listener = listener;
        }

        /**
         * @param json whether a backslash begins an escape
         */
        void read(String text, boolean json) {
            int at = 0;
            while (at < text.length()) {
                char each = text.charAt(at);
                if (json && each == '\\') {
                    at += 2;
                } else if (Character.isIdeographic(each)) {
                    listener.word(text, at, at + 1);
                    at++;
                } else if (Character.isLetterOrDigit(each)) {
                    int start = at;
                    while (at < text.length() && inWord(text.charAt(at))) {
                        at++;
                    }
                    listener.word(text, start, at);
                } else {
                    at++;
                }
            }
        }

        private static boolean inWord(char each) {
            return Character.isLetterOrDigit(each) && !Character.isIdeographic(each);
        }

        /** That of the word in lower case, as {@code String.hashCode} has it. */
        static int hash(String text, int start, int end) {
            int hash = 0;
            for (int at = start; at < end; at++) {
                hash = 31 * hash + Character.toLowerCase(text.charAt(at));
            }
            return hash;
        }
    }
}
