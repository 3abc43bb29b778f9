package dev.gantry.dialect.openai;

import dev.gantry.dialect.Translation;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A request's body as one lane gets it: slices of the caller's bytes with small texts between them.
 * What no lane rule touches goes out byte for byte, and without being copied.
 */
final class OutboundBody implements Translation.Body {
    private final List<Slice> slices;
    private final long length;

    private OutboundBody(List<Slice> slices) {
        this.slices = List.copyOf(slices);
        long sum = 0;
        for (Slice each : slices) {
            sum += each.end() - each.start();
        }
        this.length = sum;
    }

    /** Bytes from start up to end. The array is shared and not written to. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Slice(byte[] bytes, int start, int end) {}

    static OutboundBody of(RequestBody body, Operation operation, Adaptation adaptation) {
        MemberRules rules = new MemberRules(body, operation, adaptation);
        Seam seam = new Seam(body.bytes(), body.start());
        List<Member> members = body.members();
        int inside = members.isEmpty() ? body.end() - 1 : members.getFirst().nameStart();
        seam.copyTo(inside);
        boolean first = true;
        int previousEnd = inside;
        for (Member member : members) {
            MemberRules.Fate fate = rules.of(member);
            if (fate != MemberRules.Fate.DROP) {
                seam.resume(first ? member.nameStart() : previousEnd);
                write(seam, member, fate, rules);
                first = false;
            }
            previousEnd = member.valueEnd();
        }
        for (String missing : rules.missing()) {
            seam.insert(first ? missing : "," + missing);
            first = false;
        }
        seam.resume(previousEnd);
        seam.copyTo(body.end());
        return new OutboundBody(seam.slices());
    }

    private static void write(Seam seam, Member member, MemberRules.Fate fate, MemberRules rules) {
        switch (fate) {
            case KEEP -> seam.copyTo(member.valueEnd());
            case MODEL -> {
                seam.copyTo(member.valueStart());
                seam.insert(rules.model());
                seam.resume(member.valueEnd());
            }
            case LIMIT -> replace(seam, member, rules.limit());
            case WHOLE -> replace(seam, member, rules.whole());
            case STREAM_OPTIONS -> replace(seam, member, rules.usage());
            case RENAME -> {
                seam.copyTo(member.nameStart());
                seam.insert(rules.name(member));
                seam.resume(member.valueStart());
                seam.copyTo(member.valueEnd());
            }
            case DROP -> {}
        }
    }

    private static void replace(Seam seam, Member member, String other) {
        seam.copyTo(member.nameStart());
        seam.insert(other);
        seam.resume(member.valueEnd());
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        for (Slice slice : slices) {
            out.write(slice.bytes(), slice.start(), slice.end() - slice.start());
        }
    }

    /** How many pieces it is sent in; 1 is the caller's own bytes. */
    int pieces() {
        return slices.size();
    }

    /** Names the size only: prompts never reach a log. */
    @Override
    public String toString() {
        return "OutboundBody[" + length + " bytes]";
    }
}
