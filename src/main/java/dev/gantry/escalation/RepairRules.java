package dev.gantry.escalation;

import dev.gantry.classification.Objection;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.Because;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Change;
import dev.gantry.inference.Change.Clamped;
import dev.gantry.inference.Change.Dropped;
import dev.gantry.inference.Change.Renamed;
import dev.gantry.repair.Adaptations;
import dev.gantry.repair.Repair;
import dev.gantry.repair.Repair.Mend;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

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
        Objection objection =
                call.heard().failure() == null ? null : call.heard().failure().objection();
        List<Mend> further =
                switch (objection) {
                    case null -> List.of();
                    case Objection.Foreign(var names) -> unlearnt(names, call.plan().repair());
                    case Objection.Mendable(var changes, var extent) ->
                            changes.stream()
                                    .map(each -> fitting(each, call))
                                    .filter(each -> each != null)
                                    .map(each -> new Mend(each, Because.REFUSED, extent))
                                    .toList();
                };
        // Half of what is refused would be a call that must fail.
        int left = MOST - call.plan().repair().refused().size();
        return further.size() <= left ? further : List.of();
    }

    /** Renames that were learnt are taken back: another server behind the lane has taught them. */
    private static List<Mend> unlearnt(Set<String> refused, Repair repair) {
        List<Mend> back = new ArrayList<>();
        for (Mend each : repair.mends()) {
            if (each.because() == Because.LEARNT
                    && each.change() instanceof Renamed(String member, String to)
                    && refused.contains(to)) {
                back.add(new Mend(new Renamed(to, member), Because.REFUSED, Objection.Extent.ALL));
            }
        }
        return back;
    }

    /** In the terms of what was sent; null: it would change nothing, or was tried. */
    private static @Nullable Change fitting(Change change, Called call) {
        Adaptation sent = call.attempt().dispatch().adaptation();
        Change fitting =
                Adaptations.isLimit(change.member())
                        ? ofLimit(change, sent, call.lane())
                        : ofMember(change, sent);
        return fitting == null || triedOf(fitting, call) ? null : fitting;
    }

    private static @Nullable Change ofMember(Change change, Adaptation sent) {
        boolean gone =
                sent.dropped().contains(change.member())
                        || sent.renamed().containsKey(change.member());
        return gone ? null : change;
    }

    private static @Nullable Change ofLimit(Change change, Adaptation sent, Lane lane) {
        OutputLimit limit = sent.outputLimit();
        if (limit == null) {
            // Of a null that stands for one, only its name may be refused.
            return change instanceof Dropped ? ofMember(change, sent) : null;
        }
        return switch (change) {
            case Renamed(String member, String to) ->
                    member.equals(limit.field()) && !lane.unsupportedParameters().contains(to)
                            ? change
                            : null;
            case Clamped(_, long ceiling) ->
                    ceiling < limit.tokens() ? new Clamped(limit.field(), ceiling) : null;
            case Dropped _ -> new Dropped(limit.field());
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
