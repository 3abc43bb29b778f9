package dev.gantry.handover;

import dev.gantry.inference.SourcePosition;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a look at the table says of the requests that others hold; the rest is still worked on.
 *
 * @param released whose rows are gone without being done: they were given up
 * @param orphaned whose workers are dead; theirs are to be taken away first
 */
record HandoverFindings(
        List<SourcePosition> done, List<SourcePosition> released, List<HandoverRow> orphaned) {
    /**
     * @param heldRequests as they were known before the rows were read
     * @param rows all there are of them
     * @param self this worker, which is not dead whatever the table says
     * @param trusted whether silence means death: the table has answered, and heard others, for ten
     *     seconds
     */
    static HandoverFindings of(
            Collection<SourcePosition> heldRequests,
            Collection<HandoverRow> rows,
            String self,
            boolean trusted) {
        Map<SourcePosition, HandoverRow> known = new HashMap<>();
        rows.forEach(row -> known.put(row.request(), row));
        var found = new HandoverFindings(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (SourcePosition each : heldRequests) {
            HandoverRow row = known.get(each);
            if (row == null) {
                found.released.add(each);
            } else if (row.done()) {
                found.done.add(each);
            } else if (trusted && row.silent() && !row.worker().equals(self)) {
                found.orphaned.add(row);
            }
        }
        return found;
    }
}
