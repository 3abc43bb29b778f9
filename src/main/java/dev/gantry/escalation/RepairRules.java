package dev.gantry.escalation;

import dev.gantry.classification.Objection;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.Repair.Mend;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.Because;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Change;
import dev.gantry.inference.Change.Clamped;
import dev.gantry.inference.Change.Dropped;
import dev.gantry.inference.Change.Renamed;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a lane's objection to a request is answered with: each change once, and three at most of one
 * request on one lane, so that repairing comes to an end. Pure.
 */
final class RepairRules {
    private static final int MOST = 3;

    private RepairRules() {}

    /** Whether the lane is to be asked once more with something changed. */
    static boolean helps(Called call) {
        return !further(call).isEmpty();
    }

    /** How the request is to be changed after this call of the lane. */
    static Repair after(Called call) {
        return call.plan().repair().with(further(call));
    }

    private static List<Mend> further(Called call) {
        if (call.heard().failure() == null
                || !(call.heard().failure().objection()
                        instanceof Objection.Mendable(var changes, var extent))) {
            return List.of();
        }
        return changes.stream()
                .map(each -> fitting(each, call))
                .filter(each -> each != null)
                .limit(Math.max(0, MOST - call.plan().repair().refused().size()))
                .map(each -> new Mend(each, Because.REFUSED, extent))
                .toList();
    }

    /** In the terms of what was sent; null: it would change nothing, or was tried. */
    private static @Nullable Change fitting(Change change, Called call) {
        Adaptation sent = call.attempt().dispatch().adaptation();
        Change fitting =
                Adaptations.isLimit(change.member())
                        ? ofLimit(change, sent.outputLimit())
                        : ofMember(change, sent);
        return fitting == null || triedOf(fitting, call) ? null : fitting;
    }

    private static @Nullable Change ofMember(Change change, Adaptation sent) {
        boolean gone =
                sent.dropped().contains(change.member())
                        || sent.renamed().containsKey(change.member());
        return gone ? null : change;
    }

    private static @Nullable Change ofLimit(Change change, @Nullable OutputLimit sent) {
        if (sent == null) {
            return null;
        }
        return switch (change) {
            case Renamed(String member, String to) ->
                    member.equals(sent.field()) ? new Renamed(member, to) : null;
            case Clamped(_, long limit) ->
                    limit < sent.tokens() ? new Clamped(sent.field(), limit) : null;
            case Dropped _ -> new Dropped(sent.field());
        };
    }

    /** Renaming an output limit is one change, lowering or losing it another. */
    private static boolean triedOf(Change change, Called call) {
        return call.plan().repair().refused().stream()
                .map(Mend::change)
                .anyMatch(
                        each ->
                                Adaptations.sameMember(each.member(), change.member())
                                        && (each instanceof Renamed)
                                                == (change instanceof Renamed));
    }
}
