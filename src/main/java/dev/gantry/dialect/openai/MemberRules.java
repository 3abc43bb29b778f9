package dev.gantry.dialect.openai;

import dev.gantry.dialect.StreamUsage;
import dev.gantry.dialect.WireNames;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.io.JsonStringEncoder;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What becomes of each member of a body on its way to one lane. */
final class MemberRules {
    private static final String STREAM = "stream";
    private static final String STREAM_OPTIONS = "stream_options";
    private static final String WHOLE = "false";

    private final RequestBody body;
    private final Set<String> dropped;
    private final Map<String, String> renamed;
    private final String model;

    /**
     * Where the operation can be streamed we always say whether the answer is to be: some servers
     * stream unless they are told not to.
     */
    private final boolean streamable;

    private final boolean streams;

    /** Whether we ask for a stream's usage. */
    private final boolean usageAsked;

    /** Null: limits stay as the caller wrote them. */
    private final @Nullable OutputLimit outputLimit;

    /** The member whose place the limit takes; null: none of the body's. */
    private final @Nullable Member carrier;

    enum Fate {
        KEEP,
        MODEL,
        LIMIT,
        WHOLE,
        STREAM_OPTIONS,
        RENAME,
        DROP
    }

    MemberRules(RequestBody body, Operation operation, Adaptation adaptation) {
        this.body = body;
        this.dropped = adaptation.dropped().isEmpty() ? Set.of() : Set.copyOf(adaptation.dropped());
        this.renamed = adaptation.renamed();
        this.model = quote(adaptation.model());
        this.streamable = operation.tokens().hasOutput() && !dropped.contains(STREAM);
        this.streams = streamable && operation.streams() && body.facts().streams();
        // A response's last event always tells it, and the API knows no such option.
        this.usageAsked = streams && !operation.equals(Operations.RESPONSES);
        this.outputLimit = adaptation.outputLimit();
        this.carrier = outputLimit != null && limited() ? carrier(body, outputLimit.field()) : null;
    }

    Fate of(Member member) {
        String name = member.name();
        if (name.equals("model")) {
            return valueIs(member, model) ? Fate.KEEP : Fate.MODEL;
        }
        if (member.equals(carrier)) {
            return unchanged(member) ? Fate.KEEP : Fate.LIMIT;
        }
        if (name.equals(STREAM) && streamable) {
            return streams || valueIs(member, WHOLE) ? Fate.KEEP : Fate.WHOLE;
        }
        if (name.equals(STREAM_OPTIONS) && asksUsage()) {
            return valueIs(member, streamOptions()) ? Fate.KEEP : Fate.STREAM_OPTIONS;
        }
        boolean streaming = name.equals(STREAM) || (name.equals(STREAM_OPTIONS) && !streams);
        boolean otherLimit = outputLimit != null && OutputLimit.NAMES.contains(name);
        if (otherLimit || dropped.contains(name) || streaming) {
            return Fate.DROP;
        }
        String other = renamed.get(name);
        if (other == null) {
            return Fate.KEEP;
        }
        return body.member(other).isPresent() ? Fate.DROP : Fate.RENAME;
    }

    /** Whole members that the body lacks. */
    List<String> missing() {
        List<String> missing = new ArrayList<>(4);
        if (body.member("model").isEmpty()) {
            missing.add("\"model\":" + model);
        }
        if (limited() && carrier == null) {
            missing.add(limit());
        }
        if (streamable && body.member(STREAM).isEmpty()) {
            missing.add(whole());
        }
        if (asksUsage() && body.member(STREAM_OPTIONS).isEmpty()) {
            missing.add(usage());
        }
        return missing;
    }

    /** The model id as a JSON value. */
    String model() {
        return model;
    }

    /** The output limit as a whole member; empty where there is none. */
    String limit() {
        return outputLimit == null ? "" : quote(outputLimit.field()) + ":" + outputLimit.tokens();
    }

    /** The name that a member goes out under, and what stands between it and the value. */
    String name(Member member) {
        return quote(renamed.getOrDefault(member.name(), member.name())) + ":";
    }

    /** That the usage is to come too, as a member. */
    String usage() {
        return quote(STREAM_OPTIONS) + ":" + streamOptions();
    }

    private boolean asksUsage() {
        return usageAsked && !dropped.contains(STREAM_OPTIONS);
    }

    private String streamOptions() {
        return StreamUsage.asking(body);
    }

    /** That the answer is to come whole, as a member. */
    String whole() {
        return quote(STREAM) + ":" + WHOLE;
    }

    /** Whether a limit goes out: not if the lane refuses the very member it would go in. */
    private boolean limited() {
        return outputLimit != null && !dropped.contains(outputLimit.field());
    }

    private boolean unchanged(Member member) {
        return outputLimit != null
                && member.name().equals(outputLimit.field())
                && valueIs(member, Long.toString(outputLimit.tokens()));
    }

    private boolean valueIs(Member member, String json) {
        byte[] wanted = json.getBytes(StandardCharsets.UTF_8);
        return Arrays.equals(
                body.bytes(), member.valueStart(), member.valueEnd(), wanted, 0, wanted.length);
    }

    private static @Nullable Member carrier(RequestBody body, String field) {
        Member first = null;
        for (Member member : body.members()) {
            if (member.name().equals(field)) {
                return member;
            }
            if (first == null && OutputLimit.NAMES.contains(member.name())) {
                first = member;
            }
        }
        return first;
    }

    private static String quote(String text) {
        String inner =
                WireNames.isWord(text)
                        ? text
                        : new String(JsonStringEncoder.getInstance().quoteAsCharArray(text));
        return '"' + inner + '"';
    }
}
