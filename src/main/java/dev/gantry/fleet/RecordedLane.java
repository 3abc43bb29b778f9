package dev.gantry.fleet;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A lane of the fleet, as its workers record it beside their heartbeats.
 *
 * @param lane its id, with the tier
 * @param workers that offer it and are alive
 * @param inFlight calls under way
 * @param waiting requests in line that would take it; one may stand in several lines
 * @param perSecond calls that may go out; null while the lane has shown no limit
 */
public record RecordedLane(
        String lane, int workers, int inFlight, int waiting, @Nullable Double perSecond) {
    private static final double TENTHS = 10;

    RecordedLane plus(RecordedLane other) {
        Double both =
                perSecond == null || other.perSecond == null
                        ? (perSecond == null ? other.perSecond : perSecond)
                        : (Double) (perSecond + other.perSecond);
        return new RecordedLane(
                lane,
                workers + other.workers,
                inFlight + other.inFlight,
                waiting + other.waiting,
                both);
    }

    /** Known still, and offered by nobody. */
    private RecordedLane ofTheDead() {
        return new RecordedLane(lane, 0, 0, 0, null);
    }

    /** As one worker writes them; the pace in tenths, so that it does not change all the time. */
    static String json(Collection<RecordedLane> lanes) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        for (RecordedLane each : lanes) {
            ObjectNode row = rows.addObject().put("lane", each.lane);
            if (each.inFlight > 0) {
                row.put("in_flight", each.inFlight);
            }
            if (each.waiting > 0) {
                row.put("waiting", each.waiting);
            }
            if (each.perSecond != null) {
                row.put("per_second", Math.round(each.perSecond * TENTHS) / TENTHS);
            }
        }
        return rows.toString();
    }

    /** What {@link #json} wrote, here or in a newer release. */
    static List<RecordedLane> read(String json, boolean alive) {
        List<RecordedLane> lanes = new ArrayList<>();
        for (JsonNode row : JsonMapper.shared().readTree(json)) {
            var lane =
                    new RecordedLane(
                            row.path("lane").asString(""),
                            1,
                            row.path("in_flight").asInt(0),
                            row.path("waiting").asInt(0),
                            row.has("per_second")
                                    ? (Double) row.path("per_second").asDouble(0)
                                    : null);
            lanes.add(alive ? lane : lane.ofTheDead());
        }
        return lanes;
    }
}
