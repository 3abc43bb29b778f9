package dev.gantry.repair;

import dev.gantry.classification.Objection.Extent;
import dev.gantry.inference.Adaptation.Because;
import dev.gantry.inference.Adaptation.Listed;
import dev.gantry.inference.Change;
import dev.gantry.inference.Change.Renamed;

import java.util.ArrayList;
import java.util.List;

/**
 * How a request is changed for one lane, since the lane has refused it as it was, or another like
 * it lately.
 *
 * @param mends in the order in which they were found
 */
public record Repair(List<Mend> mends) {
    public static final Repair NONE = new Repair(List.of());

    public Repair {
        mends = List.copyOf(mends);
    }

    /**
     * One change.
     *
     * @param extent which requests it helps
     */
    public record Mend(Change change, Because because, Extent extent) {
        Listed listed() {
            return new Listed(change, because);
        }
    }

    /** The changes. */
    public List<Change> changes() {
        return mends.stream().map(Mend::change).toList();
    }

    /** What this very request has made the lane say. */
    public List<Mend> refused() {
        return mends.stream().filter(each -> each.because() == Because.REFUSED).toList();
    }

    /** A lesson that is taken back is gone. */
    public Repair with(List<Mend> further) {
        List<Mend> all = new ArrayList<>(mends);
        all.removeIf(
                each ->
                        each.because() == Because.LEARNT
                                && further.stream()
                                        .anyMatch(now -> undoes(now.change(), each.change())));
        all.addAll(further);
        return new Repair(all);
    }

    static boolean undoes(Change change, Change other) {
        return change instanceof Renamed(String member, String to)
                && other.equals(new Renamed(to, member));
    }
}
